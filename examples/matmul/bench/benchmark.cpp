// Times the multiplication of two fixed matrices, checks the product and prints `METRIC time_ms=...`.

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <vector>

#include "matmul.hpp"

namespace {

constexpr std::size_t size = 240;
constexpr int repetitions = 3;
constexpr double tolerance = 1e-9;

/// A matrix of pseudo-random values in [0.5, 1.5): the same ones in every run, all of them positive, so that
/// no sum cancels out and a relative error means something.
Matrix make_matrix(std::uint64_t seed) {
    Matrix matrix(size, size);
    std::uint64_t state = seed;
    for (double& value : matrix.values) {
        state = state * 6364136223846793005U + 1442695040888963407U;
        value = 0.5 + static_cast<double>(state >> 11U) / 9007199254740992.0;
    }
    return matrix;
}

std::vector<double> apply(const Matrix& matrix, const std::vector<double>& vector) {
    std::vector<double> result(matrix.rows, 0.0);
    for (std::size_t row = 0; row < matrix.rows; ++row) {
        for (std::size_t column = 0; column < matrix.columns; ++column) {
            result[row] += matrix.at(row, column) * vector[column];
        }
    }
    return result;
}

/// Freivalds' check: (a b) v and a (b v) must agree in every row. It costs n² where a second product costs
/// n³; the unit tests compare whole products entry by entry.
bool is_product(const Matrix& product, const Matrix& a, const Matrix& b) {
    std::vector<double> vector(size);
    for (std::size_t index = 0; index < size; ++index) {
        vector[index] = 1.0 + std::fmod(static_cast<double>(index) * 0.6180339887498949, 1.0);
    }
    const std::vector<double> expected = apply(a, apply(b, vector));
    const std::vector<double> actual = apply(product, vector);
    for (std::size_t row = 0; row < size; ++row) {
        // Written so that a NaN is an error too.
        if (!(std::fabs(actual[row] - expected[row]) <= tolerance * expected[row])) return false;
    }
    return true;
}

/// The CPU time of this thread, in milliseconds. One thread does all the work, and what else the machine does
/// disturbs its CPU time less than wall time. (Not of the process: that clock goes in steps of 4 ms wherever
/// a limit is set on CPU time.)
double cpu_time_ms() {
    std::timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

}  // namespace

int main() {
    const Matrix a = make_matrix(1);
    const Matrix b = make_matrix(2);

    double total_ms = 0.0;
    for (int repetition = 0; repetition < repetitions; ++repetition) {
        const double start_ms = cpu_time_ms();
        const Matrix product = multiply(a, b);
        total_ms += cpu_time_ms() - start_ms;
        if (!is_product(product, a, b)) {
            std::fputs("wrong product\n", stderr);
            return 1;
        }
    }
    std::printf("METRIC time_ms=%.3f\n", total_ms);
    return 0;
}

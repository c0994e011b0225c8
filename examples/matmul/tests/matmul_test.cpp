// Compares multiply() with the definition of the product, entry by entry. Ends with 1 if any check fails.

#include "matmul.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <stdexcept>

namespace {

int failures = 0;

void expect(bool condition, const char* what) {
    if (condition) return;
    std::fprintf(stderr, "FAILED: %s\n", what);
    ++failures;
}

/// Small whole numbers of both signs, in no regular pattern.
Matrix make_matrix(std::size_t rows, std::size_t columns, unsigned seed) {
    Matrix matrix(rows, columns);
    unsigned state = seed;
    for (double& value : matrix.values) {
        state = state * 1664525U + 1013904223U;
        value = static_cast<double>(state >> 24U) - 128.0;
    }
    return matrix;
}

/// The definition, term by term. Products and sums of small whole numbers are exact in a double.
double reference_entry(const Matrix& a, const Matrix& b, std::size_t row, std::size_t column) {
    double sum = 0.0;
    for (std::size_t k = 0; k < a.columns; ++k)
        sum += a.at(row, k) * b.at(k, column);
    return sum;
}

bool agrees_with_reference(std::size_t rows, std::size_t inner, std::size_t columns) {
    const Matrix a = make_matrix(rows, inner, 1);
    const Matrix b = make_matrix(inner, columns, 2);
    const Matrix product = multiply(a, b);
    if (product.rows != rows || product.columns != columns) return false;
    for (std::size_t row = 0; row < rows; ++row) {
        for (std::size_t column = 0; column < columns; ++column) {
            const double expected = reference_entry(a, b, row, column);
            const double error = std::fabs(product.at(row, column) - expected);
            if (!(error <= 1e-9 * std::max(1.0, std::fabs(expected)))) return false;
        }
    }
    return true;
}

void test_small_product_by_hand() {
    Matrix a(2, 3);
    a.values = {1, 2, 3, 4, 5, 6};
    Matrix b(3, 2);
    b.values = {7, 8, 9, 10, 11, 12};
    const Matrix product = multiply(a, b);
    expect(product.rows == 2 && product.columns == 2, "2x3 times 3x2 is 2x2");
    expect(product.at(0, 0) == 58 && product.at(0, 1) == 64, "first row of the product");
    expect(product.at(1, 0) == 139 && product.at(1, 1) == 154, "second row of the product");
}

void test_identity_changes_nothing() {
    const Matrix matrix = make_matrix(37, 37, 3);
    Matrix identity(37, 37);
    for (std::size_t index = 0; index < 37; ++index)
        identity.at(index, index) = 1.0;
    expect(multiply(matrix, identity).values == matrix.values, "matrix times identity");
    expect(multiply(identity, matrix).values == matrix.values, "identity times matrix");
}

void test_sizes_around_every_block_size() {
    for (const std::size_t size : {1U, 2U, 3U, 7U, 8U, 15U, 16U, 17U, 31U, 33U, 64U, 65U, 127U, 129U}) {
        expect(agrees_with_reference(size, size, size), "square matrices agree with the reference");
    }
}

void test_rectangular_matrices() {
    expect(agrees_with_reference(1, 100, 1), "row times column");
    expect(agrees_with_reference(100, 1, 100), "column times row");
    expect(agrees_with_reference(5, 70, 130), "wide matrices");
    expect(agrees_with_reference(130, 70, 5), "tall matrices");
    expect(agrees_with_reference(3, 600, 2), "inner dimension above the largest block");
}

void test_empty_matrices() {
    expect(multiply(Matrix(0, 4), Matrix(4, 3)).values.empty(), "no rows");
    expect(multiply(Matrix(2, 0), Matrix(0, 3)).values == std::vector<double>(6, 0.0),
           "an empty sum is zero");
}

void test_mismatch_is_refused() {
    bool refused = false;
    try {
        multiply(Matrix(2, 3), Matrix(2, 3));
    } catch (const std::invalid_argument&) {
        refused = true;
    }
    expect(refused, "inner dimensions that differ are refused");
}

}  // namespace

int main() {
    test_small_product_by_hand();
    test_identity_changes_nothing();
    test_sizes_around_every_block_size();
    test_rectangular_matrices();
    test_empty_matrices();
    test_mismatch_is_refused();
    if (failures == 0) std::puts("all tests passed");
    return failures == 0 ? 0 : 1;
}

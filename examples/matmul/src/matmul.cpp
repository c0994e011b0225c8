#include "matmul.hpp"

#include <algorithm>
#include <stdexcept>

namespace {

// The knobs that the campaign turns (see ratchet.toml). The product is the same at every setting.

// The outermost, middle and innermost loop; product(i, j) is the sum of a(i, k) * b(k, j) over k.
constexpr char loop_order[] = "ijk";
// The loops work through cubes with this edge. At or above the size of the matrices: no blocking.
constexpr std::size_t block_size = 256;
// How many steps of the middle loop share one pass of the innermost loop.
constexpr std::size_t unroll = 1;

/// Plain views of the matrices, of which no two overlap.
struct Operands {
    const double* __restrict a;
    const double* __restrict b;
    double* __restrict product;
    std::size_t a_columns;
    std::size_t b_columns;
};

/// A half-open range of loop steps.
struct Range {
    std::size_t begin;
    std::size_t end;
};

/// Which of the three loops' values belongs to the index `name` ('i', 'j' or 'k').
constexpr std::size_t pick(char name, std::size_t outer, std::size_t middle, std::size_t inner) {
    if (loop_order[0] == name) return outer;
    return loop_order[1] == name ? middle : inner;
}

/// The innermost loop, run once for `width` successive steps of the middle loop.
template <std::size_t width>
void run_inner_loop(Operands operands, std::size_t outer, std::size_t first_middle, Range inner_range) {
    for (std::size_t inner = inner_range.begin; inner < inner_range.end; ++inner) {
#pragma GCC unroll 16
        for (std::size_t middle = first_middle; middle < first_middle + width; ++middle) {
            const std::size_t i = pick('i', outer, middle, inner);
            const std::size_t j = pick('j', outer, middle, inner);
            const std::size_t k = pick('k', outer, middle, inner);
            operands.product[i * operands.b_columns + j] +=
                operands.a[i * operands.a_columns + k] * operands.b[k * operands.b_columns + j];
        }
    }
}

void multiply_block(Operands operands, Range outer_range, Range middle_range, Range inner_range) {
    for (std::size_t outer = outer_range.begin; outer < outer_range.end; ++outer) {
        std::size_t middle = middle_range.begin;
        for (; middle + unroll <= middle_range.end; middle += unroll) {
            run_inner_loop<unroll>(operands, outer, middle, inner_range);
        }
        for (; middle < middle_range.end; ++middle)
            run_inner_loop<1>(operands, outer, middle, inner_range);
    }
}

/// The block that begins at `begin`, cut off at `size`.
Range block_at(std::size_t begin, std::size_t size) {
    return {begin, std::min(begin + block_size, size)};
}

}  // namespace

Matrix multiply(const Matrix& a, const Matrix& b) {
    if (a.columns != b.rows) throw std::invalid_argument("multiply: a.columns and b.rows differ");
    Matrix product(a.rows, b.columns);
    const Operands operands{a.values.data(), b.values.data(), product.values.data(), a.columns, b.columns};

    const auto size_of = [&](char name) {
        return name == 'i' ? a.rows : name == 'j' ? b.columns : a.columns;
    };
    const std::size_t outer_size = size_of(loop_order[0]);
    const std::size_t middle_size = size_of(loop_order[1]);
    const std::size_t inner_size = size_of(loop_order[2]);
    for (std::size_t outer = 0; outer < outer_size; outer += block_size) {
        for (std::size_t middle = 0; middle < middle_size; middle += block_size) {
            for (std::size_t inner = 0; inner < inner_size; inner += block_size) {
                multiply_block(operands, block_at(outer, outer_size), block_at(middle, middle_size),
                               block_at(inner, inner_size));
            }
        }
    }
    return product;
}

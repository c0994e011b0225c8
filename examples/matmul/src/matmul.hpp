#pragma once

#include <cstddef>
#include <vector>

/// A dense matrix of doubles, stored row after row.
struct Matrix {
    Matrix(std::size_t row_count, std::size_t column_count)
        : rows(row_count), columns(column_count), values(row_count * column_count) {}

    double& at(std::size_t row, std::size_t column) { return values[row * columns + column]; }
    double at(std::size_t row, std::size_t column) const { return values[row * columns + column]; }

    std::size_t rows;
    std::size_t columns;
    std::vector<double> values;
};

/// The product a · b. Throws std::invalid_argument unless a has as many columns as b has rows.
Matrix multiply(const Matrix& a, const Matrix& b);

#include <vector>
#define SQUARE(x) do { (x) * (x); } while (0)
namespace linear {
template <typename T>
class Matrix : public Base<T> {
  public:
    Matrix(int rows) : cells_{new T[rows]} { /* } */ }
    T& operator()(int row, int column) noexcept { return cells_[row]; }
  private:
    T* cells_ = nullptr;  // "{"
};
#if 0
void never() {
#else
auto Matrix<int>::multiply(const Matrix& other) const -> Matrix {
#endif
    const char* brace = R"x({ ")x"; char c = '}';
    return [&](int i) { return i; }(1);
}
}  // namespace linear

#include "experiment_store/functions/line_scopes.hpp"

#include <gmock/gmock.h>

#include <random>
#include <sstream>

// Each source says of itself where its lines belong: a line that ends with "//= name" or "#= name" lies in
// `name`, one that ends with "=" alone in none.

namespace ratchet {
namespace {

void expect_scopes(Language language, const std::string& source) {
    const LineScopes scopes(language, source);
    std::istringstream lines(source);
    std::size_t number = 0;
    std::size_t told = 0;
    for (std::string line; std::getline(lines, line);) {
        ++number;
        std::string expected;
        if (const std::size_t mark = line.rfind("#= "); mark != std::string::npos) {
            expected = line.substr(mark + 3);
        } else if (const std::size_t slashes = line.rfind("//= "); slashes != std::string::npos) {
            expected = line.substr(slashes + 4);
        } else if (!line.ends_with("#=") && !line.ends_with("//=")) {
            continue;
        }
        ++told;
        EXPECT_EQ(scopes.at(number), expected) << number << ": " << line;
    }
    EXPECT_GT(told, 3U);
}

TEST(LineScopes, of_c) {
    expect_scopes(Language::c, R"source(#include <stdio.h> //=
#define SQUARE(x) do { \
    (x) * (x); } while (0) //=

struct matrix { //= matrix
    double *cells; //= matrix
};

static struct matrix *make(int rows, int columns) //= make
{
    struct matrix *m = malloc(sizeof *m); //= make
    if (!m) { //= make
        return NULL; //= make
    }
    /* } */ const char *brace = "}"; char c = '}'; //= make
    return m; //= make
} //= make

int table[] = { //=
    1, 2, 3, //=
};

int
main(int argc, char **argv) //= main
{
#ifdef FAST
    for (int i = 0; i < argc; i++) {
#else
    for (int i = argc; i-- > 0;) {
#endif
        puts(argv[i]); //= main
    }
    return 0; //= main
}

#if 0
void never() {
#endif
void after(void) //= after
{
    switch (1) { case 1: break; default: break; } //= after
}
int global = 3; //=
)source");
}

TEST(LineScopes, of_cpp) {
    expect_scopes(Language::c, R"source(namespace ratchet {
namespace {
constexpr int most = 3; //=
constexpr auto square = [](int x) { //= square
    return x * x; //= square
};
}  // namespace

template <typename T, typename = std::enable_if_t<(sizeof(T) > 1)>> //= Matrix
class alignas(16) Matrix final : public Base<T>, private Other { //= Matrix
  public:
    Matrix() : rows_{1}, columns_{2} { //= Matrix::Matrix
        allocate(); //= Matrix::Matrix
    }
    explicit Matrix(int rows) : rows_(rows), cells_(rows, T{}) {} //= Matrix::Matrix
    ~Matrix() override { release(); } //= Matrix::~Matrix
    [[nodiscard]] const T& operator()(int row, int column) const { //= Matrix::operator()
        return cells_[row * columns_ + column]; //= Matrix::operator()
    }
    bool operator<(const Matrix& other) const { return rows_ < other.rows_; } //= Matrix::operator<
    explicit operator bool() const { return rows_ > 0; } //= Matrix::operator(bool)
    std::function<void(int)> visitor() const { //= Matrix::visitor
        return [this](int row) { //= Matrix::visitor
            visit(row); //= Matrix::visitor
        };
    }
    struct Row { //= Matrix::Row
        T* begin() { return first; } //= Matrix::Row::begin
        T* first; //= Matrix::Row
    };

  private:
    int rows_ = 0; //= Matrix
    std::vector<int> order_ = {1, 2, 3}; //= Matrix
};

template <typename T>
    requires std::integral<T>
auto gcd(T a, T b) noexcept(noexcept(a % b)) -> T { //= gcd
    while (b != 0) { //= gcd
        std::tie(a, b) = std::pair{b, a % b}; //= gcd
    }
    const auto text = R"x(} ")x"; const int big = 1'000'000; //= gcd
    return a; //= gcd
}

template <>
Matrix<int>::Matrix(const Matrix& other) //= Matrix::Matrix
    : rows_(other.rows_), columns_{other.columns_} {
    copy(other); //= Matrix::Matrix
}

bool ratchet::Matrix<int>::operator==(const Matrix& other) const { //= ratchet::Matrix::operator==
    return true; //= ratchet::Matrix::operator==
}

enum class Color : int { red, green }; //= Color

extern "C" {
int plain(void) { return 1; } //= plain
}

TEST_F(MatrixTest, adds) { //= TEST_F(MatrixTest,adds)
    EXPECT_EQ(1, 1); //= TEST_F(MatrixTest,adds)
}
}  // namespace ratchet

int last = 1; //=
)source");
}

TEST(LineScopes, of_python) {
    expect_scopes(Language::python, R"source(import os #=

LIMIT = {
    "a": 1, #=
}


@cache #= f
@retry(times=3, #= f
       wait=2) #= f
def f(a, b=")",
      c={}, #= f
):
    """Text with def g(): in it
def not_a_function():
    and no end
    """
    if a: #= f
        return b #= f

    def inner(x): #= f.inner
        return x #= f.inner

    return inner #= f


class Matrix(Base): #= Matrix
    rows = 0 #= Matrix

    def multiply(self, other): #= Matrix.multiply
        result = [ #= Matrix.multiply
  1, #= Matrix.multiply
        ]
#a comment
        return result #= Matrix.multiply

    @property #= Matrix.size
    def size(self): return 1 #= Matrix.size

    async def load(self): #= Matrix.load
        async with open() as f: #= Matrix.load
            pass #= Matrix.load

    class Row: #= Matrix.Row
        def first(self): #= Matrix.Row.first
            return '''
no end #= Matrix.Row.first
''' #= Matrix.Row.first

if __name__ == "__main__": #=
    f() #=
)source");
}

TEST(LineScopes, of_rust) {
    expect_scopes(Language::rust, R"source(use std::fmt; //=

const TABLE: [Point; 1] = [Point { x: 1 }]; //=

#[derive(Debug)] //= Point
pub struct Point<'a> { //= Point
    x: i32, //= Point
}

impl<'a, T: Fn(i32) -> i32> fmt::Display for Point<'a> where T: Copy { //= Point
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { //= Point::fmt
        match self.x { //= Point::fmt
            '{' => write!(f, "}}{"), //= Point::fmt
            _ => write!(f, r#"}"}"#), //= Point::fmt
        }
    }

    pub(crate) const unsafe fn area(&self) -> i32 { //= Point::area
        fn helper(x: i32) -> i32 { //= Point::area::helper
            x * x //= Point::area::helper
        }
        if let Some(y) = self.y { //= Point::area
            return y; //= Point::area
        }
        let p = Point { x: 1 }; //= Point::area
        helper(p.x) //= Point::area
    }
}

impl Point<'_> {
    const ORIGIN: i32 = 0; //= Point
}

pub async fn run<F>(f: F) -> Result<(), Error> //= run
where
    F: for<'a> Fn(&'a str) -> bool, //= run
{
    /* nested /* } */ } */
    items.iter().map(|x| { x + 1 }).collect() //= run
}

macro_rules! square { //= square!
    ($x:expr) => { $x * $x }; //= square!
}

trait Shape { //= Shape
    fn area(&self) -> f64; //= Shape
    fn name(&self) -> String { "shape".to_string() } //= Shape::name
}

#[cfg(test)]
mod tests { //= tests
    #[test] //= tests::works
    fn works() { //= tests::works
        assert!(true); //= tests::works
    }
}
static LAST: i32 = 1; //=
)source");
}

TEST(LineScopes, of_go) {
    expect_scopes(Language::go, R"source(package main //=

import "fmt" //=

var table = map[string]int{ //=
	"a": 1, //=
}

type Server[T any] struct { //= Server
	name string //= Server
}

type Handler interface { //= Handler
	Serve(x interface{}) error //= Handler
}

func (s *Server[T]) Handle(w io.Writer, x interface{}) (int, error) { //= Server.Handle
	go func() { //= Server.Handle
		fmt.Println(`}`, '}', "}") //= Server.Handle
	}()
	for i := range s.items { //= Server.Handle
		s.visit(i) //= Server.Handle
	}
	return 0, nil //= Server.Handle
}

func (Server[T]) Close() {} //= Server.Close

func Map[K comparable, V any]( //= Map
	in map[K]V, //= Map
	f func(V) struct{}, //= Map
) interface{} { //= Map
	if v, ok := in[k]; ok { //= Map
		return v //= Map
	}
	return struct{ a int }{1} //= Map
}

var handler = func(x int) int { //= handler
	return x //= handler
}

func main() { //= main
}
)source");
}

TEST(LineScopes, of_javascript) {
    expect_scopes(Language::javascript, R"source(import { a } from './a' //=
const limit = 3 //=
const table = { a: 1, b: 2 } //= table

export default class Matrix extends Base { //= Matrix
  static count = 0 //= Matrix
  #cells = [] //= Matrix

  constructor(rows) { //= Matrix.constructor
    super() //= Matrix.constructor
    if (rows) { //= Matrix.constructor
      this.rows = rows //= Matrix.constructor
    }
  }

  async *rows() { //= Matrix.rows
    yield* this.#cells //= Matrix.rows
  }

  get size() { return 1 } //= Matrix.size
  #secret() { return /[{}"]/.test('x') } //= Matrix.#secret
  [Symbol.iterator]() { return this } //= Matrix.[Symbol.iterator]
  handle = async (event) => { //= Matrix.handle
    await event //= Matrix.handle
  }
}

function outer(a, b = {}) { //= outer
  const text = `}${a.map((x) => { return `${x}` })}{` //= outer
  const inner = (x) => { //= outer.inner
    return x //= outer.inner
  }
  function named() { //= outer.named
    return inner(1) //= outer.named
  }
  items.forEach((item) => { //= outer
    use(item) //= outer
  })
  return { inner, named } //= outer
}

const add = (a, b) => a + b //= add

export const multiply = async (a, { b, c }) => { //= multiply
  return a * b //= multiply
}

module.exports.divide = function (a) { //= module.exports.divide
  return a //= module.exports.divide
}

Matrix.prototype.trace = function* () { //= Matrix.prototype.trace
  yield 1 //= Matrix.prototype.trace
}

const api = { //= api
  limit: 3, //= api
  get(key) { //= api.get
    return key //= api.get
  },
  post: async (key) => { //= api.post
    return key //= api.post
  },
  nested: { //= api.nested
    deep: function (x) { return x }, //= api.nested.deep
  },
}

describe('matrix', () => { //=
  it('adds', () => { //=
    expect(1).toBe(1) //=
  })
})
)source");
}

TEST(LineScopes, of_typescript) {
    expect_scopes(Language::javascript, R"source(interface Shape<T> { //= Shape
  area(): number; //= Shape
}
export enum Color { red, green } //= Color
type Point = { x: number }; //= Point

@Component({ selector: 'app' }) //= App
export abstract class App<T extends { a: number }> implements Shape<T> { //= App
  private readonly size: number = 1; //= App
  constructor(private readonly http: Client) { //= App.constructor
    this.start(); //= App.constructor
  }
  @Input() name(value: string): Promise<Map<string, number>> { //= App.name
    return load<T>(value); //= App.name
  }
  protected static override async get<K>(key: K): Promise<void> { //= App.get
    await key; //= App.get
  }
  handler: Handler = (event: Event): void => { //= App.handler
    use(event); //= App.handler
  };
}

export const View: React.FC<Props> = ({ a, b }) => { //= View
  useEffect(() => { //= View
    return a; //= View
  }, []);
  return <p className="x">don't { a }</p>; //= View
};

export default function main<T>(x: T): x is T { //= main
  return x as T; //= main
}

namespace Tools { //= Tools
  export function helper(x: number): number { //= Tools.helper
    return x / 2; //= Tools.helper
  }
}
)source");
}

TEST(LineScopes, of_ruby) {
    expect_scopes(Language::ruby, R"source(require "set" #=

module Tools #= Tools
  LIMIT = 3 #= Tools

  class Matrix < Base #= Tools::Matrix
    attr_reader :rows #= Tools::Matrix

    def initialize(rows, #= Tools::Matrix#initialize
                   columns: 2) #= Tools::Matrix#initialize
      @rows = rows #= Tools::Matrix#initialize
      @text = <<~TEXT
def not_a_method #= Tools::Matrix#initialize
      TEXT
    rescue ArgumentError => error #= Tools::Matrix#initialize
      raise error #= Tools::Matrix#initialize
    end #= Tools::Matrix#initialize

    def self.identity(size) #= Tools::Matrix.identity
      new(size).tap do |matrix| #= Tools::Matrix.identity
        matrix.fill(1) { |x| x } #= Tools::Matrix.identity
      end
    end

    class << self
      def load(path) #= Tools::Matrix.load
        File.read(path) #= Tools::Matrix.load
      end
    end

    private def secret? = rows > 0 #= Tools::Matrix#secret?

    def ==(other) #= Tools::Matrix#==
      other.rows =~ /end "/ #= Tools::Matrix#==
    end

    def call(
      a:, #= Tools::Matrix#call
      b: "def x" #= Tools::Matrix#call
    )
      @a = a #= Tools::Matrix#call
    end
  end
end

def helper(x) #= helper
  x #= helper
end
puts helper(1) #=
)source");
}

TEST(LineScopes, of_java) {
    expect_scopes(Language::java, R"source(package tools; //=

import java.util.*; //=

@SuppressWarnings({"a", "b"}) //= Matrix
public final class Matrix<T extends Number> extends Base<T> implements Shape, Cloneable { //= Matrix
    private final int[] cells = {1, 2, 3}; //= Matrix
    private final Runnable task = () -> { //= Matrix
        run(); //= Matrix
    };

    static { //= Matrix
        register(); //= Matrix
    }

    public Matrix(int rows) throws IOException { //= Matrix.Matrix
        super(rows); //= Matrix.Matrix
    }

    @Override //= Matrix.multiply
    @Timed(name = "multiply", unit = {"ms"}) //= Matrix.multiply
    public <K> Map<K, List<T>> multiply(final Matrix<T> other) { //= Matrix.multiply
        for (int i = 0; i < rows; i++) { //= Matrix.multiply
            synchronized (this) { add(i); } //= Matrix.multiply
        }
        String text = """
            } "not the end" {
            """;
        return new HashMap<>() { //= Matrix.multiply
            @Override public int size() { return '}'; } //= Matrix.multiply
        };
    }

    enum Order { //= Matrix.Order
        ROWS, COLUMNS; //= Matrix.Order
        Order other() { return ROWS; } //= Matrix.Order.other
    }

    record Cell(int row, int column) { //= Matrix.Cell
        int sum() { return row + column; } //= Matrix.Cell.sum
    }
}

interface Shape { //= Shape
    double area(); //= Shape
    default String name() { return "shape"; } //= Shape.name
}
)source");
}

TEST(LineScopes, of_a_brace_too_many_do_no_harm_beyond_their_function) {
    expect_scopes(Language::c, R"source(void broken() { //= broken
    BEGIN_LOOP {
    {
}
int after; //=
void next() { //= next
    END_LOOP }
    } }
}
void last() { //= last
    work(); //= last
}
)source");
}

TEST(LineScopes, of_an_unknown_language_are_none) {
    EXPECT_EQ(language_of("README.md"), Language::none);
    EXPECT_EQ(LineScopes(Language::none, "int main() {\n}\n").at(1), "");
}

TEST(LineScopes, cuts_a_long_name_between_characters) {
    const LineScopes scopes(Language::python, "def " + std::string(63, 'x') + "üü():\n    pass\n");
    EXPECT_EQ(scopes.at(2), std::string(63, 'x'));
}

TEST(LineScopes, know_a_language_by_the_name_of_a_file) {
    EXPECT_EQ(language_of("src/a.cpp"), Language::c);
    EXPECT_EQ(language_of("src/a.tsx"), Language::javascript);
    EXPECT_EQ(language_of("lib/x.rb"), Language::ruby);
    EXPECT_EQ(language_of("Main.java"), Language::java);
}

/// What a hostile file may hold: the marks that steer the readers, in no order.
TEST(LineScopes, are_found_in_any_text_without_end_or_crash) {
    static const std::vector<std::string> pieces = {"{",        "}",
                                                    "(",        ")",
                                                    "\n",       "\"",
                                                    "'",        "`",
                                                    "${",       "/*",
                                                    "*/",       "//",
                                                    "#",        "def ",
                                                    "class ",   "fn ",
                                                    "func ",    "R\"(",
                                                    "r#\"",     "<<~X",
                                                    "=>",       "=",
                                                    ";",        ":",
                                                    "::",       "<",
                                                    ">",        "operator",
                                                    "#if 0\n",  "#else\n",
                                                    "#endif\n", "'''",
                                                    "\"\"\"",   "x",
                                                    "\\",       " ",
                                                    "\t",       std::string(1, '\0'),
                                                    "\xff",     "template",
                                                    "impl",     "for",
                                                    "end",      "@",
                                                    "[",        "]",
                                                    "~",        "namespace "};
    std::mt19937 random(1);
    for (int round = 0; round < 3000; ++round) {
        std::string source;
        for (std::size_t length = random() % 60; length > 0; --length)
            source += pieces[random() % pieces.size()];
        for (const Language language : {Language::c, Language::python, Language::rust, Language::go,
                                        Language::javascript, Language::ruby, Language::java}) {
            const std::string code = code_only(language, source);
            ASSERT_EQ(code.size(), source.size()) << source;
            ASSERT_EQ(std::count(code.begin(), code.end(), '\n'),
                      std::count(source.begin(), source.end(), '\n'));
            const LineScopes scopes(language, source);
            for (std::size_t line = 0; line < 70; ++line) {
                ASSERT_LE(scopes.at(line).size(), longest_function_name);
                ASSERT_EQ(scopes.at(line).find_first_of(" \n"), std::string::npos) << source;
            }
        }
    }
}

}  // namespace
}  // namespace ratchet

#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace ratchet {

/// Reads server-sent events (the text/event-stream of the HTML standard, 9.2.6) from bytes as they come,
/// wherever they are cut. Of an event only its data is read.
class EventStream {
  public:
    /// `text` is the event as it came, `data` its data lines joined by line feeds; both only until it
    /// returns.
    using Take = std::function<void(std::string_view text, std::string_view data)>;

    explicit EventStream(Take take) : take_(std::move(take)) {}
    /// Takes what came.
    void feed(std::string_view bytes);
    /// Nothing more comes: what is left counts as an event, since some servers leave out the last empty line.
    void finish();

  private:
    void end_line();
    void end_event();

    Take take_;
    std::string text_;
    std::string line_;
    std::string data_;
    bool has_data_ = false;
    bool after_return_ = false;  ///< a line feed that comes now belongs to the line's end before it
};

}  // namespace ratchet

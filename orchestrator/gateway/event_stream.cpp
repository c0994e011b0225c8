#include "orchestrator/gateway/event_stream.hpp"

namespace ratchet {
namespace {

// An event holds a whole answer at most (OpenAI's last one does). What is longer is passed on, and not read.
constexpr std::size_t longest_event = std::size_t{32} << 20;

void add(std::string& text, std::string_view more) {
    if (text.size() + more.size() <= longest_event) text += more;
}

}  // namespace

void EventStream::feed(std::string_view bytes) {
    while (!bytes.empty()) {
        if (after_return_ && bytes.front() == '\n') {
            text_ += '\n';
            bytes.remove_prefix(1);
            after_return_ = false;
            continue;
        }
        after_return_ = false;
        const std::size_t end = bytes.find_first_of("\r\n");
        const std::string_view part = bytes.substr(0, end);
        add(line_, part);
        text_ += part;
        if (end == std::string_view::npos) return;
        after_return_ = bytes[end] == '\r';
        text_ += bytes[end];
        bytes.remove_prefix(end + 1);
        // The line feed of an empty line belongs to the event that it ends, where it is there already.
        if (after_return_ && !bytes.empty() && bytes.front() == '\n') {
            text_ += '\n';
            bytes.remove_prefix(1);
            after_return_ = false;
        }
        end_line();
    }
}

void EventStream::finish() {
    if (!line_.empty()) end_line();
    if (!text_.empty()) end_event();
}

void EventStream::end_line() {
    std::string_view line = line_;
    if (line.empty()) {
        end_event();
        return;
    }
    // A byte order mark may stand at the very beginning.
    if (line.starts_with("\xEF\xBB\xBF")) line.remove_prefix(3);
    constexpr std::string_view field = "data";
    if (line == field || line.starts_with("data:")) {
        line.remove_prefix(line.size() > field.size() ? field.size() + 1 : field.size());
        if (line.starts_with(' ')) line.remove_prefix(1);
        if (has_data_) add(data_, "\n");
        add(data_, line);
        has_data_ = true;
    }
    line_.clear();
}

void EventStream::end_event() {
    take_(text_, data_);
    text_.clear();
    data_.clear();
    line_.clear();
    has_data_ = false;
}

}  // namespace ratchet

#include "orchestrator/briefing/dense_list.hpp"

#include <algorithm>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "orchestrator/briefing/safe_text.hpp"

namespace ratchet {
namespace {

constexpr std::size_t place_path_bytes = 160;
constexpr std::size_t place_function_bytes = 80;
constexpr std::string_view between_items = "; ";

/// Whether a name can be no word of a sentence: "parse_number", "parseNumber", "f2", not "parse".
bool is_plainly_a_name(std::string_view name) {
    return std::any_of(name.begin() + (name.empty() ? 0 : 1), name.end(),
                       [](char letter) { return letter < 'a' || letter > 'z'; });
}

/// "parse_number" of "parse_number()".
std::string_view without_call(std::string_view word) {
    return word.ends_with("()") ? word.substr(0, word.size() - 2) : word;
}

/// The functions by the names under which they may stand in an idea, in lower case.
using NamedFunctions = std::unordered_map<std::string, std::vector<const FunctionRecord*>>;

std::string_view last_name(std::string_view function) {
    return function.substr(function.find_last_of(":.") + 1);
}

NamedFunctions named_functions(const std::vector<FunctionRecord>& functions) {
    NamedFunctions names;
    for (const FunctionRecord& function : functions) {
        const std::string_view last = last_name(function.function);
        if (is_plainly_a_name(function.function))
            names[in_lower_case(function.function)].push_back(&function);
        if (last != function.function && is_plainly_a_name(last))
            names[in_lower_case(last)].push_back(&function);
    }
    return names;
}

/// The first of this file's functions that the idea names.
const FunctionRecord* function_named(const std::vector<KeyWord>& words, const std::string& path,
                                     const NamedFunctions& names) {
    for (const KeyWord& word : words) {
        if (!is_plainly_a_name(word.text)) continue;
        const auto found = names.find(std::string(without_call(word.lower())));
        if (found == names.end()) continue;
        for (const FunctionRecord* function : found->second) {
            if (function->path == path) return function;
        }
    }
    return nullptr;
}

/// Adds the name, in lower case, unless it could be any word.
void add_name(std::vector<std::string>& names, std::string_view name) {
    if (is_plainly_a_name(name)) names.push_back(in_lower_case(name));
}

std::vector<std::string> ideas_of(const std::vector<DenseItem>& items) {
    std::vector<std::string> ideas;
    ideas.reserve(items.size());
    for (const DenseItem& item : items)
        ideas.push_back(item.idea.text());
    return ideas;
}

}  // namespace

std::string numbers_text(const std::vector<ExperimentId>& numbers) {
    constexpr std::size_t shortest_range = 3;
    std::string text;
    for (std::size_t first = 0; first < numbers.size();) {
        std::size_t end = first + 1;
        while (end < numbers.size() && numbers[end].value == numbers[end - 1].value + 1)
            ++end;
        if (end - first < shortest_range) end = first + 1;
        text += (text.empty() ? "#" : " #") + std::to_string(numbers[first].value);
        if (end - first > 1) text += " to #" + std::to_string(numbers[end - 1].value);
        first = end;
    }
    return text;
}

DenseList::DenseList(const std::vector<DenseItem>& items, const std::vector<FunctionRecord>& functions)
    : key_words_(ideas_of(items)) {
    const NamedFunctions names = named_functions(functions);
    for (std::size_t i = 0; i < items.size(); ++i) {
        std::vector<KeyWord> words = key_words_.of_ideas()[i];
        const std::size_t file = place_of_file(items[i].file);
        const FunctionRecord* function = function_named(words, items[i].file, names);
        const std::size_t at = function == nullptr ? file : place_of_function(file, *function);
        const std::vector<std::string>& said = places_[at].names;
        std::erase_if(words, [&](const KeyWord& word) {
            return std::find(said.begin(), said.end(), without_call(word.lower())) != said.end();
        });
        numbers_.push_back(items[i].numbers);
        ideas_.emplace_back(std::move(words));
        place_of_.push_back(at);
    }
}

std::size_t DenseList::place_of_file(const std::string& path) {
    const auto [at, is_new] = files_.try_emplace(path, places_.size());
    if (!is_new) return at->second;
    Place place;
    place.heading = (path.empty() ? "(no file)" : prompt_line(shown_path(path), place_path_bytes)) + ':';
    place.file = at->second;
    add_name(place.names, path);
    add_name(place.names, std::string_view(path).substr(path.rfind('/') + 1));
    places_.push_back(std::move(place));
    return at->second;
}

std::size_t DenseList::place_of_function(std::size_t file, const FunctionRecord& function) {
    const auto [at, is_new] = functions_.try_emplace(&function, places_.size());
    if (!is_new) return at->second;
    Place place;
    place.heading = ' ' + prompt_line(function.function, place_function_bytes) + ':';
    place.file = file;
    place.names = places_[file].names;
    add_name(place.names, function.function);
    add_name(place.names, last_name(function.function));
    places_.push_back(std::move(place));
    return at->second;
}

void DenseList::append_entry(std::string& line, std::size_t item, std::size_t idea_bytes) const {
    const std::string idea = ideas_[item].text(idea_bytes);
    line += numbers_[item];
    if (!idea.empty()) line.append(1, ' ').append(idea);
}

std::size_t DenseList::fitting(const std::vector<std::size_t>& order, std::size_t idea_bytes,
                               std::size_t room) const {
    std::vector<bool> has_heading(places_.size());
    std::vector<bool> has_items(places_.size());
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < order.size(); ++i) {
        const std::size_t at = place_of_[order[i]];
        for (const std::size_t place : {places_[at].file, at}) {
            if (!has_heading[place]) bytes += places_[place].heading.size() + 1;
            has_heading[place] = true;
        }
        bytes += numbers_[order[i]].size() + 1 + ideas_[order[i]].bytes(idea_bytes);
        bytes += has_items[at] ? between_items.size() : 1;
        has_items[at] = true;
        if (bytes > room) return i;
    }
    return order.size();
}

std::vector<std::string> DenseList::lines(const std::vector<std::size_t>& chosen,
                                          std::size_t idea_bytes) const {
    std::vector<std::string> text(places_.size());
    std::vector<std::size_t> files;
    std::vector<std::vector<std::size_t>> functions(places_.size());
    for (const std::size_t item : chosen) {
        const std::size_t at = place_of_[item];
        const std::size_t file = places_[at].file;
        if (text[file].empty()) {
            text[file] = places_[file].heading;
            files.push_back(file);
        }
        if (text[at].empty()) {
            text[at] = places_[at].heading;
            functions[file].push_back(at);
        }
        const bool is_first = text[at].size() == places_[at].heading.size();
        text[at] += is_first ? " " : between_items;
        append_entry(text[at], item, idea_bytes);
    }
    std::vector<std::string> lines;
    for (const std::size_t file : files) {
        lines.push_back(text[file]);
        for (const std::size_t function : functions[file])
            lines.push_back(text[function]);
    }
    return lines;
}

}  // namespace ratchet

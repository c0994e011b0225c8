#include "orchestrator/gateway/upstream.hpp"

#include <curl/curl.h>
#include <fmt/format.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cctype>
#include <map>

#include "experiment_store/errors.hpp"

namespace ratchet {
namespace {

namespace asio = boost::asio;

struct EndMulti {
    void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
};
struct EndEasy {
    void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct EndList {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using Easy = std::unique_ptr<CURL, EndEasy>;

/// Once a process, from its first thread that needs it; never undone, since others may use it as well.
void set_up_curl() {
    static const CURLcode result = curl_global_init(CURL_GLOBAL_DEFAULT);
    if (result != CURLE_OK) throw MachineryError("cannot set libcurl up");
}

std::string_view trimmed(std::string_view text) {
    const auto is_space = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
    while (!text.empty() && is_space(text.front()))
        text.remove_prefix(1);
    while (!text.empty() && is_space(text.back()))
        text.remove_suffix(1);
    return text;
}

/// One request and what came of it so far.
struct Transfer {
    Upstream::Ticket ticket = 0;
    UpstreamRequest request;
    std::shared_ptr<AnswerTaker> taker;
    std::unique_ptr<curl_slist, EndList> header_list;
    std::array<char, CURL_ERROR_SIZE> error{};
    int status = 0;
    Headers headers;
    bool begun = false;
    Easy easy;  // last: it points to the others

    void take_header(std::string_view line) {
        if (begun) return;  // a trailer
        if (line.starts_with("HTTP/")) {
            status = 0;
            headers.clear();
            const std::size_t space = line.find(' ');
            for (std::size_t i = space + 1; space != std::string_view::npos && i < line.size(); ++i) {
                if (line[i] < '0' || line[i] > '9' || status > 999) break;
                status = status * 10 + (line[i] - '0');
            }
            return;
        }
        line = trimmed(line);
        if (line.empty()) {
            if (status < 200) return;  // the answer itself is still to come
            begun = true;
            taker->begin(status, headers);
            return;
        }
        const std::size_t colon = line.find(':');
        if (colon == std::string_view::npos || headers.size() >= 200) return;
        std::string name(trimmed(line.substr(0, colon)));
        std::transform(name.begin(), name.end(), name.begin(),
                       [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        headers.emplace_back(std::move(name), trimmed(line.substr(colon + 1)));
    }
};

std::size_t take_header(char* data, std::size_t size, std::size_t count, void* transfer) {
    static_cast<Transfer*>(transfer)->take_header({data, size * count});
    return size * count;
}

std::size_t take_body(char* data, std::size_t size, std::size_t count, void* transfer) {
    switch (static_cast<Transfer*>(transfer)->taker->take({data, size * count})) {
        case Taking::taken:
            return size * count;
        case Taking::later:
            return CURL_WRITEFUNC_PAUSE;
        case Taking::enough:
            break;
    }
    return CURL_WRITEFUNC_ERROR;
}

/// What curl calls an error, in words: its own where it has some.
std::string words_of(const Transfer& transfer, CURLcode code) {
    return transfer.error[0] != '\0' ? std::string(transfer.error.data())
                                     : std::string(curl_easy_strerror(code));
}

}  // namespace

/// curl tells which sockets it waits for; they are put into one epoll descriptor, which the loop waits for in
/// turn.
class Upstream::Client {
  public:
    Client(asio::io_context& context, UpstreamLimits limits)
        : limits_(std::move(limits)), timer_(context), ready_(context) {
        set_up_curl();
        const int poll = ::epoll_create1(EPOLL_CLOEXEC);
        if (poll < 0) throw MachineryError("cannot make an epoll descriptor");
        ready_.assign(poll);
        multi_.reset(curl_multi_init());
        if (!multi_) throw MachineryError("cannot set libcurl up");
        curl_multi_setopt(multi_.get(), CURLMOPT_SOCKETFUNCTION, &Client::on_socket);
        curl_multi_setopt(multi_.get(), CURLMOPT_SOCKETDATA, this);
        curl_multi_setopt(multi_.get(), CURLMOPT_TIMERFUNCTION, &Client::on_timer);
        curl_multi_setopt(multi_.get(), CURLMOPT_TIMERDATA, this);
        wait_for_sockets();
    }
    ~Client() {
        ending_ = true;
        for (auto& [ticket, transfer] : transfers_)
            curl_multi_remove_handle(multi_.get(), transfer->easy.get());
        transfers_.clear();
    }
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    Ticket send(UpstreamRequest request, std::shared_ptr<AnswerTaker> taker) {
        auto transfer = std::make_unique<Transfer>();
        transfer->ticket = ++last_;
        transfer->request = std::move(request);
        transfer->taker = std::move(taker);
        transfer->easy.reset(curl_easy_init());
        if (!transfer->easy) throw MachineryError("cannot set libcurl up");
        set_options(*transfer);
        Transfer& kept = *transfer;
        transfers_.emplace(kept.ticket, std::move(transfer));
        curl_multi_add_handle(multi_.get(), kept.easy.get());
        return kept.ticket;
    }

    void resume(Ticket ticket) {
        const auto found = transfers_.find(ticket);
        if (found == transfers_.end()) return;
        // It may hand on bytes at once, and end.
        curl_easy_pause(found->second->easy.get(), CURLPAUSE_CONT);
        collect();
    }

  private:
    void set_options(Transfer& transfer) const {
        CURL* easy = transfer.easy.get();
        curl_slist* list = nullptr;
        for (const auto& [name, value] : transfer.request.headers)
            list = curl_slist_append(list, fmt::format("{}: {}", name, value).c_str());
        list = curl_slist_append(list, "Expect:");
        transfer.header_list.reset(list);
        curl_easy_setopt(easy, CURLOPT_PRIVATE, &transfer);
        curl_easy_setopt(easy, CURLOPT_URL, transfer.request.url.c_str());
        curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
        curl_easy_setopt(easy, CURLOPT_POST, 1L);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, transfer.request.body.data());
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                         static_cast<curl_off_t>(transfer.request.body.size()));
        curl_easy_setopt(easy, CURLOPT_HTTPHEADER, list);
        curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
        // The end of a run does not wait for the resolver of names.
        curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
        curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
        // Set, also where it is empty: else curl looks for one in the environment.
        curl_easy_setopt(easy, CURLOPT_PROXY, limits_.proxy.c_str());
        curl_easy_setopt(easy, CURLOPT_NOPROXY, limits_.no_proxy.c_str());
        if (!limits_.certificates.empty())
            curl_easy_setopt(easy, CURLOPT_CAINFO, limits_.certificates.c_str());
        curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(limits_.connect.count()));
        curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
        curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, static_cast<long>(limits_.silence.count()));
        curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer.error.data());
        curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &take_header);
        curl_easy_setopt(easy, CURLOPT_HEADERDATA, &transfer);
        curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &take_body);
        curl_easy_setopt(easy, CURLOPT_WRITEDATA, &transfer);
    }

    static int on_socket(CURL*, curl_socket_t socket, int what, void* self, void*) {
        static_cast<Client*>(self)->watch(socket, what);
        return 0;
    }
    static int on_timer(CURLM*, long milliseconds, void* self) {
        static_cast<Client*>(self)->set_timer(milliseconds);
        return 0;
    }

    void watch(curl_socket_t socket, int what) {
        epoll_event event{};
        event.data.fd = socket;
        if ((what & CURL_POLL_IN) != 0) event.events |= EPOLLIN;
        if ((what & CURL_POLL_OUT) != 0) event.events |= EPOLLOUT;
        const int poll = ready_.native_handle();
        if (what == CURL_POLL_REMOVE) {
            ::epoll_ctl(poll, EPOLL_CTL_DEL, socket, nullptr);
        } else if (::epoll_ctl(poll, EPOLL_CTL_MOD, socket, &event) != 0) {
            ::epoll_ctl(poll, EPOLL_CTL_ADD, socket, &event);
        }
    }

    void set_timer(long milliseconds) {
        if (ending_) return;
        if (milliseconds < 0) {
            timer_.cancel();
            return;
        }
        timer_.expires_after(std::chrono::milliseconds(milliseconds));
        timer_.async_wait([this](const boost::system::error_code& error) {
            if (!error) act(CURL_SOCKET_TIMEOUT, 0);
        });
    }

    void wait_for_sockets() {
        ready_.async_wait(asio::posix::stream_descriptor::wait_read,
                          [this](const boost::system::error_code& error) {
                              if (error) return;
                              act_on_sockets();
                              wait_for_sockets();
                          });
    }

    void act_on_sockets() {
        std::array<epoll_event, 64> events{};
        const int count =
            ::epoll_wait(ready_.native_handle(), events.data(), static_cast<int>(events.size()), 0);
        for (int i = 0; i < count; ++i) {
            const epoll_event& event = events[static_cast<std::size_t>(i)];
            int what = 0;
            if ((event.events & EPOLLIN) != 0) what |= CURL_CSELECT_IN;
            if ((event.events & EPOLLOUT) != 0) what |= CURL_CSELECT_OUT;
            if ((event.events & (EPOLLERR | EPOLLHUP)) != 0) what |= CURL_CSELECT_ERR;
            act(event.data.fd, what);
        }
    }

    void act(curl_socket_t socket, int what) {
        int running = 0;
        curl_multi_socket_action(multi_.get(), socket, what, &running);
        collect();
    }

    /// Takes leave of what has ended.
    void collect() {
        int left = 0;
        while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
            if (message->msg != CURLMSG_DONE) continue;
            const CURLcode code = message->data.result;
            Transfer* transfer = nullptr;
            curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
            curl_multi_remove_handle(multi_.get(), message->easy_handle);
            const auto found = transfers_.find(transfer->ticket);
            const std::unique_ptr<Transfer> ended = std::move(found->second);
            transfers_.erase(found);
            UpstreamEnd end;
            end.complete = code == CURLE_OK && ended->begun;
            end.timed_out = code == CURLE_OPERATION_TIMEDOUT;
            if (!end.complete) end.error = words_of(*ended, code);
            ended->taker->end(end);
        }
    }

    UpstreamLimits limits_;
    asio::steady_timer timer_;
    asio::posix::stream_descriptor ready_;
    std::unique_ptr<CURLM, EndMulti> multi_;
    std::map<Ticket, std::unique_ptr<Transfer>> transfers_;
    Ticket last_ = 0;
    bool ending_ = false;
};

Upstream::Upstream(asio::io_context& context, const UpstreamLimits& limits)
    : client_(std::make_unique<Client>(context, limits)) {}

Upstream::~Upstream() = default;

Upstream::Ticket Upstream::send(UpstreamRequest request, std::shared_ptr<AnswerTaker> taker) {
    return client_->send(std::move(request), std::move(taker));
}

void Upstream::resume(Ticket ticket) {
    client_->resume(ticket);
}

}  // namespace ratchet

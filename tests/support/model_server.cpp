#include "tests/support/model_server.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/support/eventually.hpp"

namespace ratchet::test {

namespace fs = std::filesystem;

ModelServer::ModelServer(const fs::path& folder, const nlohmann::json& script, const fs::path& certificate)
    : folder_(folder), tls_(!certificate.empty()) {
    fs::create_directories(folder);
    std::ofstream(folder / "script.json") << script;
    const std::string file = folder / "script.json";
    const std::string log = folder / "log";
    const std::string output = folder / "port";
    pid_ = ::fork();
    if (pid_ == 0) {
        const int out = ::open(output.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
        ::dup2(out, STDOUT_FILENO);
        ::execlp("python3", "python3", RATCHET_SOURCE "/tests/support/model_server.py", "--script",
                 file.c_str(), "--log", log.c_str(), "--certificate", certificate.c_str(),
                 static_cast<char*>(nullptr));
        ::_exit(127);
    }
    const auto ready = [&] {
        std::string line;
        std::ifstream stream(output);
        if (!std::getline(stream, line) || stream.eof()) return false;
        port_ = std::stoi(line);
        return true;
    };
    EXPECT_TRUE(eventually(ready, std::chrono::seconds(30))) << "the model server did not start";
}

ModelServer::~ModelServer() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
}

std::string ModelServer::url() const {
    return (tls_ ? "https" : "http") + std::string("://127.0.0.1:") + std::to_string(port_);
}

std::vector<ServedRequest> ModelServer::requests() const {
    std::vector<ServedRequest> requests;
    std::ifstream log(folder_ / "log");
    for (std::string text; std::getline(log, text);) {
        const nlohmann::json line = nlohmann::json::parse(text);
        if (!line.contains("path") || line["format"].is_null()) continue;
        ServedRequest request;
        request.path = line["path"];
        request.model = line["model"].is_string() ? line["model"].get<std::string>() : "";
        request.answer = line["answer"];
        for (const char* header : {"authorization", "x-api-key", "x-goog-api-key"}) {
            if (line["headers"].contains(header)) request.key = line["headers"][header];
        }
        if (line["usage"].is_object()) {
            request.input_tokens = line["usage"]["input"];
            request.output_tokens = line["usage"]["output"];
        }
        requests.push_back(std::move(request));
    }
    return requests;
}

}  // namespace ratchet::test

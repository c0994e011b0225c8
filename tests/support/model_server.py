#!/usr/bin/env python3
"""A model server that says what a script tells it to, for tests. Python's standard library only.

    model_server.py --script FILE --log FILE [--port N] [--socket PATH] [--bodies FOLDER]

It listens on loopback (port 0, the default: any free one; -1: none) and on a Unix socket, prints the port on a line of its own when
it is ready, and serves until it is ended. It speaks OpenAI Chat Completions (.../chat/completions) and Responses
(.../responses), Anthropic Messages (.../messages) and Gemini (.../models/M:generateContent, :streamGenerateContent), each
streaming and not, as the request asks; besides, count_tokens, countTokens and lists of models.

The script is JSON:

    {"turns": [TURN or FAULT, ...],
     "aside": TURN,            for requests that offer no tools (agents ask for titles); without it they get the turns
     "by": "conversation",     the n-th turn answers a conversation in which the model has spoken n times, so that every experiment
                               begins with the first; or "arrival": the n-th request gets the n-th entry
     "conversations": [{"when": "text", "turns": [...]}, ...]}     instead of turns: the first one whose text stands in the request

    TURN  {"text": "...", "calls": [CALL, ...], "usage": {...} or null, "loop": true, "chunks": 3, "hold": "FILE"}
    CALL  {"role": "shell", "command": "..."}  or write (path, content), edit (path, old, new), read (path): the tool that the
          request offers for it is called, its other required arguments made up;  or  {"name": "...", "arguments": {...}}
    usage {"input": 1000, "cached": 0, "cache_written": 0, "output": 50, "reasoning": 0}: input includes both kinds of
          cached tokens, output includes reasoning. Not given: these figures
    loop  this turn again and again, for ever.    hold  half of the answer is held back until FILE exists
    FAULT {"fault": "status", "status": 429, "retry_after": 7, "message": "..."}
          {"fault": "not-json"}   status 200 and a page of HTML        {"fault": "cut"}     half an answer, then the end of the connection
          {"fault": "silence"}    accepts and never answers            {"fault": "stall"}   half an answer, then nothing
          {"fault": "closed"}     closes the connection unanswered     {"fault": "down"}    the same, and listens no more
          each with "times": N (default 1; 0: for ever) before the next entry is looked at

What comes after the last turn is the text "Done.". Each line of the log is JSON: number, time (seconds since 1970), method, path,
headers (names in lower case), body_bytes, format, model, streamed, tools, turn, answer ("turn", "aside", "fault: ...", …), usage
(of the script's kind, or null). A line {"number", "event": "held"} says that an answer is held, "gone" that the client closed its connection early.
"""

import argparse
import gzip
import http.server
import json
import os
import re
import select
import socket
import socketserver
import ssl
import sys
import threading
import time

sys.dont_write_bytecode = True  # the source tree stays clean
from model_formats import Anthropic, Gemini, OpenAiChat, OpenAiResponses  # noqa: E402

STANDARD_USAGE = {"input": 1000, "cached": 0, "cache_written": 0, "output": 50, "reasoning": 0}
KINDS = {400: "invalid_request_error", 401: "authentication_error", 403: "permission_error", 429: "rate_limit_error", 500: "api_error", 529: "overloaded_error"}

# Which tool does what, by the names that agents give them; and what its arguments are called.
TOOLS = {
    "shell": ["exec_command", "shell_command", "run_shell_command", "Bash", "bash", "shell", "container.exec"],
    "write": ["Write", "write_file", "write", "create_file"],
    "edit": ["Edit", "replace", "edit", "edit_file", "str_replace"],
    "read": ["Read", "read_file", "read"],
}
ARGUMENTS = {
    "command": ["cmd", "command", "script"],
    "path": ["file_path", "filePath", "path", "absolute_path"],
    "content": ["content", "contents", "text"],
    "old": ["old_string", "oldString", "oldText", "old_str", "old"],
    "new": ["new_string", "newString", "newText", "new_str", "new"],
}


def made_up(schema):
    """A value for an argument that a tool requires and the script says nothing of."""
    kind = schema.get("type")
    kind = (kind[0] if isinstance(kind, list) else kind or "string").lower()
    if schema.get("enum"):
        return schema["enum"][0]
    return {"boolean": False, "integer": 1, "number": 1, "array": [], "object": {}}.get(kind, "as the script says")


def call_for(call, offered, identity):
    """The call of the script in the words of the tools that are offered."""
    if "name" in call:
        return {"id": identity, "name": call["name"], "arguments": call.get("arguments", {})}
    schemas = dict(offered)
    name = next((name for name in TOOLS[call["role"]] if name in schemas), None)
    if name is None:
        raise ValueError(f"no tool for {call['role']} among {sorted(schemas)}")
    properties = schemas[name].get("properties", {})
    arguments = {}
    for meaning, names in ARGUMENTS.items():
        argument = next((candidate for candidate in names if candidate in properties), None)
        if meaning in call and argument:
            listed = str(properties[argument].get("type")).lower() == "array"
            arguments[argument] = ["bash", "-c", call[meaning]] if listed else call[meaning]
    for argument in schemas[name].get("required", []):
        arguments.setdefault(argument, made_up(properties.get(argument, {})))
    return {"id": identity, "name": name, "arguments": arguments}


class Script:
    """Which entry answers a request. Remembers only how often entries were used."""

    def __init__(self, script):
        self.script = script
        self.lock = threading.Lock()
        self.used = {}

    def entry(self, text, turns_so_far, offers_tools):
        """The entry for a request, and what the log calls it."""
        if not offers_tools and "aside" in self.script:
            return self.script["aside"], "aside"
        entries = self.script.get("turns", [])
        for conversation in self.script.get("conversations", []):
            if conversation["when"] in text:
                entries = conversation["turns"]
                break
        with self.lock:
            by_arrival = self.script.get("by") == "arrival"
            entry = self.next_in_order(entries) if by_arrival else self.next_in_conversation(entries, turns_so_far)
        entry = entry or {"text": "Done."}
        return entry, "fault: " + str(entry.get("status", entry["fault"])) if "fault" in entry else "turn"

    def is_left(self, entry, times):
        """Counts a use of this entry, where one is left."""
        used = self.used.get(id(entry), 0)
        self.used[id(entry)] = used + 1
        return times == 0 or used < times

    def next_in_order(self, entries):
        times = [0 if entry.get("loop") else entry.get("times", 1) for entry in entries]
        return next((entry for entry, most in zip(entries, times) if self.is_left(entry, most)), None)

    def next_in_conversation(self, entries, turns_so_far):
        turn = 0
        for entry in entries:
            if "fault" in entry:
                if (turn == turns_so_far or entry.get("loop")) and self.is_left(entry, entry.get("times", 1)):
                    return entry
            elif turn == turns_so_far or entry.get("loop"):
                return entry
            else:
                turn += 1
        return None


class Log:
    def __init__(self, file, bodies):
        self.file = open(file, "a", buffering=1, encoding="utf-8")
        self.bodies = bodies
        self.lock = threading.Lock()
        self.count = 0

    def number(self, body):
        with self.lock:
            self.count += 1
            number = self.count
        if self.bodies:
            with open(os.path.join(self.bodies, f"{number}.json"), "wb") as file:
                file.write(body)
        return number

    def write(self, **line):
        with self.lock:
            self.file.write(json.dumps(line) + "\n")


def format_of(path):
    """The format, whether the path asks for a stream, and the model that stands in it."""
    path = path.split("?")[0]
    if path.endswith("/chat/completions"):
        return OpenAiChat, None, None
    if path.endswith("/responses"):
        return OpenAiResponses, None, None
    if path.endswith("/messages"):
        return Anthropic, None, None
    gemini = re.search(r"/models/([^/:]+):(generateContent|streamGenerateContent)$", path)
    if gemini:
        return Gemini, gemini[2] == "streamGenerateContent", gemini[1]
    return None, None, None


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # one segment for the head; every piece of a stream is flushed

    def address_string(self):  # a Unix socket has none
        return "client"

    def log_message(self, *arguments):
        pass

    def do_HEAD(self):
        self.note(b"", "head")
        self.answer_plainly(200, b"")

    def do_GET(self):
        self.note(b"", "models" if "/models" in self.path else "none")
        if "/models" not in self.path:
            return self.answer_json(404, {"error": {"message": f"nothing at {self.path}", "type": "not_found_error"}})
        models = self.server.script.script.get("models", ["scripted"])
        openai = [{"id": model, "object": "model", "created": 1, "owned_by": "tests"} for model in models]
        gemini = [{"name": f"models/{model}", "supportedGenerationMethods": ["generateContent"]} for model in models]
        self.answer_json(200, {"object": "list", "data": openai, "models": gemini})

    def do_POST(self):
        raw = self.body()
        try:
            plain = gzip.decompress(raw) if self.headers.get("content-encoding") == "gzip" else raw
            body = json.loads(plain or b"{}")
        except ValueError:
            self.note(raw, "no JSON")
            return self.answer_json(400, {"error": {"message": "the body is no JSON", "type": "invalid_request_error"}})
        if self.path.split("?")[0].endswith(("/count_tokens", ":countTokens")):
            self.note(raw, "count")
            return self.answer_json(200, {"input_tokens": 1000, "totalTokens": 1000})
        form, streamed, model = format_of(self.path)
        if form is None:
            self.note(raw, "none")
            return self.answer_json(404, {"error": {"message": f"nothing at {self.path}", "type": "not_found_error"}})
        streamed = bool(body.get("stream")) if streamed is None else streamed
        self.answer(form, raw, body, streamed, model or body.get("model"))

    def answer(self, form, raw, body, streamed, model):
        offered = form.tools(body)
        turns = form.turns_so_far(body)
        entry, name = self.server.script.entry(raw.decode("utf-8", "replace"), turns, bool(offered))
        number = self.server.log.number(raw)
        fault = entry.get("fault")
        usage = None
        if (not fault or fault in ("cut", "stall")) and entry.get("usage", {}) is not None:
            usage = {**STANDARD_USAGE, **entry.get("usage", {})}
        line = {
            "format": form.name,
            "model": model,
            "streamed": streamed,
            "tools": [tool for tool, _ in offered],
            "turn": turns,
            "answer": name,
            "usage": None if fault else usage,
        }
        try:
            calls = [call_for(call, offered, f"call_{number}_{index}") for index, call in enumerate(entry.get("calls", []))]
        except ValueError as error:
            self.write_line(number, raw, {**line, "answer": f"error: {error}", "usage": None})
            return self.answer_json(400, form.error(400, KINDS[400], str(error)))
        self.write_line(number, raw, line)
        turn = {
            "id": f"answer_{number}",
            "model": model,
            "text": entry.get("text", "" if calls else "Done."),
            "calls": calls,
            "usage": usage,
            "chunks": entry.get("chunks", 3),
        }
        if fault in (None, "cut", "stall"):
            self.answer_turn(number, entry, form, turn, body, streamed)
        else:
            self.answer_fault(number, entry, form)

    def answer_turn(self, number, entry, form, turn, body, streamed):
        """All of it; or half of it, and then what the entry says."""
        if streamed:
            pieces = list(form.pieces(turn, body))
        else:
            text = json.dumps(form.whole(turn, body)).encode()
            pieces = [text[: len(text) // 2], text[len(text) // 2 :]]
        self.send_response(200)
        self.send_header("content-type", "text/event-stream" if streamed else "application/json")
        if streamed:
            self.send_header("transfer-encoding", "chunked")
        else:
            self.send_header("content-length", str(sum(map(len, pieces))))
        self.end_headers()
        half = max(1, len(pieces) // 2)
        for piece in pieces[:half]:
            self.send_piece(piece, streamed)
        if entry.get("fault") == "cut":
            return self.hang_up()
        if entry.get("fault") == "stall":
            return self.wait_for_the_client_to_go(number)
        if entry.get("hold"):
            self.server.log.write(number=number, event="held")
            while not os.path.exists(entry["hold"]):
                if self.client_is_gone():
                    return self.say_gone(number)
                time.sleep(0.005)
        try:
            for piece in pieces[half:]:
                self.send_piece(piece, streamed)
            if streamed:
                self.send_piece(b"", True)
        except OSError:
            self.say_gone(number)

    def answer_fault(self, number, entry, form):
        fault = entry["fault"]
        if fault == "status":
            status = entry["status"]
            headers = {"retry-after": str(entry["retry_after"])} if "retry_after" in entry else {}
            message = entry.get("message", f"the script says {status}")
            self.answer_json(status, form.error(status, KINDS.get(status, "api_error"), message), headers)
        elif fault == "not-json":
            self.answer_plainly(200, b"<html><body>Welcome to this hotel's network. Please sign in.</body></html>", "text/html")
        elif fault == "silence":
            self.wait_for_the_client_to_go(number)
        elif fault in ("closed", "down"):
            if fault == "down":
                self.server.stop_listening()
            self.hang_up()
        else:
            raise ValueError(f"there is no fault {fault}")

    def body(self):
        if self.headers.get("transfer-encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("content-length", 0)))
        parts = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass
        return b"".join(parts)

    def note(self, raw, answer):
        """Logs a request that has nothing to do with the script."""
        number = self.server.log.number(raw)
        self.write_line(number, raw, {"format": None, "model": None, "streamed": False, "tools": [], "turn": 0, "answer": answer, "usage": None})
        return number

    def write_line(self, number, raw, rest):
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.log.write(number=number, time=time.time(), method=self.command, path=self.path, headers=headers, body_bytes=len(raw), **rest)

    def answer_json(self, status, value, headers=None):
        self.answer_plainly(status, json.dumps(value).encode(), "application/json", headers)

    def answer_plainly(self, status, content, kind="text/plain", headers=None):
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(content)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def send_piece(self, piece, streamed):
        self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece) if streamed else piece)
        self.wfile.flush()

    def hang_up(self):
        self.close_connection = True
        self.wfile.flush()
        self.connection.shutdown(socket.SHUT_RDWR)

    def client_is_gone(self):
        readable, _, _ = select.select([self.connection], [], [], 0)
        return bool(readable) and not self.connection.recv(1, socket.MSG_PEEK)

    def wait_for_the_client_to_go(self, number):
        try:
            while self.connection.recv(4096):
                pass
        except OSError:
            pass
        self.say_gone(number)

    def say_gone(self, number):
        self.server.log.write(number=number, event="gone")
        self.close_connection = True


class Server(socketserver.ThreadingMixIn, socketserver.TCPServer):
    """One listener. A client that goes away in the middle is nothing to report."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 64
    peers = []

    def handle_error(self, request, client_address):
        error = sys.exc_info()[1]
        if not isinstance(error, OSError):
            super().handle_error(request, client_address)

    def stop_listening(self):
        for peer in Server.peers:
            peer.shutdown()
            peer.server_close()


class UnixServer(Server):
    address_family = socket.AF_UNIX


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--script", required=True)
    arguments.add_argument("--log", required=True)
    arguments.add_argument("--port", type=int, default=0)
    arguments.add_argument("--socket")
    arguments.add_argument("--certificate", help="a PEM file with a certificate and its key: the port speaks TLS")
    arguments.add_argument("--bodies", help="a folder for the body of each request, NUMBER.json")
    options = arguments.parse_args()
    with open(options.script, encoding="utf-8") as file:
        script = Script(json.load(file))
    if options.bodies:
        os.makedirs(options.bodies, exist_ok=True)
    log = Log(options.log, options.bodies)
    if options.port >= 0:
        Server.peers.append(Server(("127.0.0.1", options.port), Handler))
        if options.certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(options.certificate)
            listener = Server.peers[-1].socket
            Server.peers[-1].socket = context.wrap_socket(listener, server_side=True, do_handshake_on_connect=False)
    if options.socket:
        Server.peers.append(UnixServer(options.socket, Handler))
        os.chmod(options.socket, 0o666)
    threads = []
    for server in Server.peers:
        server.script, server.log = script, log
        threads.append(threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True))
        threads[-1].start()
    print(Server.peers[0].server_address[1] if options.port >= 0 else 0, flush=True)
    for thread in threads:
        thread.join()
    threading.Event().wait()  # down, but for the test to end


if __name__ == "__main__":
    main()

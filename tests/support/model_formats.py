"""The four wire formats of model_server.py: reads what a request asks for, and writes a turn as an answer to it.

Each format is a class with the same functions: `turns_so_far` counts what the model has said in the conversation, `tools` lists
what is offered (name and JSON schema), `whole` is the answer in one piece, `pieces` the same as server-sent events, `error` the
body of a refusal. A usage is {input, cached, cache_written, output, reasoning}; input includes what came from and went to the
cache, output includes reasoning. Every format counts these in another way: that is what this file is for.
"""

import json


def runs(kinds):
    """How many stretches of True there are."""
    return sum(1 for before, now in zip([False] + kinds[:-1], kinds) if now and not before)


def split(text, count):
    """The text in at most this many parts, none empty."""
    size = max(1, -(-len(text) // max(1, count)))
    return [text[start : start + size] for start in range(0, len(text), size)]


def events(items, named):
    """Server-sent events, one bytes object each."""
    for item in items:
        head = f"event: {item['type']}\n" if named else ""
        yield f"{head}data: {json.dumps(item)}\n\n".encode()


class OpenAiChat:
    name = "openai-chat"

    @staticmethod
    def turns_so_far(body):
        return sum(1 for message in body.get("messages", []) if message.get("role") == "assistant")

    @staticmethod
    def tools(body):
        functions = [tool["function"] for tool in body.get("tools") or [] if "function" in tool]
        return [(function["name"], function.get("parameters") or {}) for function in functions]

    @staticmethod
    def usage(usage):
        return {
            "prompt_tokens": usage["input"],
            "completion_tokens": usage["output"],
            "total_tokens": usage["input"] + usage["output"],
            "prompt_tokens_details": {"cached_tokens": usage["cached"]},
            "completion_tokens_details": {"reasoning_tokens": usage["reasoning"]},
        }

    @staticmethod
    def calls(turn):
        return [
            {"id": call["id"], "type": "function", "function": {"name": call["name"], "arguments": json.dumps(call["arguments"])}}
            for call in turn["calls"]
        ]

    @classmethod
    def whole(cls, turn, body):
        message = {"role": "assistant", "content": turn["text"] or None}
        if turn["calls"]:
            message["tool_calls"] = cls.calls(turn)
        reason = "tool_calls" if turn["calls"] else "stop"
        answer = {
            "id": turn["id"],
            "object": "chat.completion",
            "created": 1,
            "model": turn["model"],
            "choices": [{"index": 0, "message": message, "finish_reason": reason}],
        }
        if turn["usage"]:
            answer["usage"] = cls.usage(turn["usage"])
        return answer

    @classmethod
    def pieces(cls, turn, body):
        head = {"id": turn["id"], "object": "chat.completion.chunk", "created": 1, "model": turn["model"]}

        def chunk(delta, reason=None):
            return {**head, "choices": [{"index": 0, "delta": delta, "finish_reason": reason}]}

        items = [chunk({"role": "assistant", "content": ""})]
        items += [chunk({"content": part}) for part in split(turn["text"], turn["chunks"])]
        for index, call in enumerate(cls.calls(turn)):
            text = call["function"]["arguments"]
            items.append(chunk({"tool_calls": [{"index": index, **call, "function": {**call["function"], "arguments": ""}}]}))
            items += [chunk({"tool_calls": [{"index": index, "function": {"arguments": part}}]}) for part in split(text, turn["chunks"])]
        items.append(chunk({}, "tool_calls" if turn["calls"] else "stop"))
        # As the original does: without being asked it does not say what was used.
        if turn["usage"] and (body.get("stream_options") or {}).get("include_usage"):
            items.append({**head, "choices": [], "usage": cls.usage(turn["usage"])})
        yield from events(items, named=False)
        yield b"data: [DONE]\n\n"

    @staticmethod
    def error(status, kind, message):
        return {"error": {"message": message, "type": kind, "param": None, "code": None}}


class OpenAiResponses:
    name = "openai-responses"

    @staticmethod
    def turns_so_far(body):
        said = ("function_call", "custom_tool_call", "local_shell_call", "reasoning")
        items = body.get("input")
        if not isinstance(items, list):
            return 0
        return runs([item.get("type") in said or item.get("role") == "assistant" for item in items])

    @staticmethod
    def tools(body):
        return [(tool["name"], tool.get("parameters") or {}) for tool in body.get("tools") or [] if tool.get("type") == "function"]

    @staticmethod
    def usage(usage):
        return {
            "input_tokens": usage["input"],
            "input_tokens_details": {"cached_tokens": usage["cached"]},
            "output_tokens": usage["output"],
            "output_tokens_details": {"reasoning_tokens": usage["reasoning"]},
            "total_tokens": usage["input"] + usage["output"],
        }

    @staticmethod
    def items(turn):
        if turn["text"]:
            content = [{"type": "output_text", "text": turn["text"], "annotations": []}]
            yield {"id": "msg_" + turn["id"], "type": "message", "role": "assistant", "status": "completed", "content": content}
        for call in turn["calls"]:
            arguments = json.dumps(call["arguments"])
            yield {
                "id": "fc_" + call["id"],
                "type": "function_call",
                "status": "completed",
                "call_id": call["id"],
                "name": call["name"],
                "arguments": arguments,
            }

    @classmethod
    def whole(cls, turn, body, status="completed"):
        done = status == "completed"
        return {
            "id": turn["id"],
            "object": "response",
            "created_at": 1,
            "status": status,
            "model": turn["model"],
            "output": list(cls.items(turn)) if done else [],
            "usage": cls.usage(turn["usage"]) if done and turn["usage"] else None,
        }

    @classmethod
    def pieces(cls, turn, body):
        items = [{"type": "response.created", "response": cls.whole(turn, body, "in_progress")}]
        for index, item in enumerate(cls.items(turn)):
            place = {"output_index": index, "item_id": item["id"]}
            if item["type"] == "message":
                begun = {**item, "status": "in_progress", "content": []}
                place["content_index"] = 0
                empty = {"type": "output_text", "text": "", "annotations": []}
                parts = [{"type": "response.content_part.added", **place, "part": empty}]
                parts += [{"type": "response.output_text.delta", **place, "delta": part} for part in split(turn["text"], turn["chunks"])]
                parts.append({"type": "response.output_text.done", **place, "text": turn["text"]})
                parts.append({"type": "response.content_part.done", **place, "part": item["content"][0]})
            else:
                begun = {**item, "status": "in_progress", "arguments": ""}
                parts = [{"type": "response.function_call_arguments.delta", **place, "delta": part} for part in split(item["arguments"], turn["chunks"])]
                parts.append({"type": "response.function_call_arguments.done", **place, "arguments": item["arguments"]})
            items.append({"type": "response.output_item.added", "output_index": index, "item": begun})
            items += parts
            items.append({"type": "response.output_item.done", "output_index": index, "item": item})
        items.append({"type": "response.completed", "response": cls.whole(turn, body)})
        for number, item in enumerate(items):
            item["sequence_number"] = number
        yield from events(items, named=True)

    error = OpenAiChat.error


class Anthropic:
    name = "anthropic"

    @staticmethod
    def turns_so_far(body):
        return sum(1 for message in body.get("messages", []) if message.get("role") == "assistant")

    @staticmethod
    def tools(body):
        return [(tool["name"], tool.get("input_schema") or {}) for tool in body.get("tools") or [] if "name" in tool]

    @staticmethod
    def usage(usage):
        usage = usage or {"input": 0, "cached": 0, "cache_written": 0, "output": 0}
        return {
            "input_tokens": usage["input"] - usage["cached"] - usage["cache_written"],
            "cache_read_input_tokens": usage["cached"],
            "cache_creation_input_tokens": usage["cache_written"],
            "output_tokens": usage["output"],
        }

    @staticmethod
    def blocks(turn):
        if turn["text"]:
            yield {"type": "text", "text": turn["text"]}
        for call in turn["calls"]:
            yield {"type": "tool_use", "id": call["id"], "name": call["name"], "input": call["arguments"]}

    @classmethod
    def whole(cls, turn, body):
        return {
            "id": turn["id"],
            "type": "message",
            "role": "assistant",
            "model": turn["model"],
            "content": list(cls.blocks(turn)),
            "stop_reason": "tool_use" if turn["calls"] else "end_turn",
            "stop_sequence": None,
            "usage": cls.usage(turn["usage"]),
        }

    @classmethod
    def pieces(cls, turn, body):
        whole = cls.whole(turn, body)
        begun = {**whole, "content": [], "stop_reason": None, "usage": {**whole["usage"], "output_tokens": 1}}
        items = [{"type": "message_start", "message": begun}, {"type": "ping"}]
        for index, block in enumerate(whole["content"]):
            if block["type"] == "text":
                empty = {**block, "text": ""}
                deltas = [{"type": "text_delta", "text": part} for part in split(block["text"], turn["chunks"])]
            else:
                empty = {**block, "input": {}}
                deltas = [{"type": "input_json_delta", "partial_json": part} for part in split(json.dumps(block["input"]), turn["chunks"])]
            items.append({"type": "content_block_start", "index": index, "content_block": empty})
            items += [{"type": "content_block_delta", "index": index, "delta": delta} for delta in deltas]
            items.append({"type": "content_block_stop", "index": index})
        end = {"stop_reason": whole["stop_reason"], "stop_sequence": None}
        items.append({"type": "message_delta", "delta": end, "usage": {"output_tokens": whole["usage"]["output_tokens"]}})
        items.append({"type": "message_stop"})
        yield from events(items, named=True)

    @staticmethod
    def error(status, kind, message):
        return {"type": "error", "error": {"type": kind, "message": message}}


class Gemini:
    name = "gemini"

    @staticmethod
    def turns_so_far(body):
        return sum(1 for content in body.get("contents", []) if content.get("role") == "model")

    @staticmethod
    def tools(body):
        declared = []
        for tool in body.get("tools") or []:
            declared += tool.get("functionDeclarations") or tool.get("function_declarations") or []
        return [(tool["name"], tool.get("parametersJsonSchema") or tool.get("parameters") or {}) for tool in declared]

    @staticmethod
    def usage(usage):
        return {
            "promptTokenCount": usage["input"],
            "cachedContentTokenCount": usage["cached"],
            "candidatesTokenCount": usage["output"] - usage["reasoning"],
            "thoughtsTokenCount": usage["reasoning"],
            "totalTokenCount": usage["input"] + usage["output"],
        }

    @staticmethod
    def answer(turn, parts, last):
        candidate = {"index": 0, "content": {"role": "model", "parts": parts}}
        answer = {"candidates": [candidate], "modelVersion": turn["model"], "responseId": turn["id"]}
        if last:
            candidate["finishReason"] = "STOP"
            if turn["usage"]:
                answer["usageMetadata"] = Gemini.usage(turn["usage"])
        return answer

    @staticmethod
    def calls(turn):
        return [{"functionCall": {"name": call["name"], "args": call["arguments"]}} for call in turn["calls"]]

    @classmethod
    def whole(cls, turn, body):
        text = [{"text": turn["text"]}] if turn["text"] else []
        return cls.answer(turn, text + cls.calls(turn), last=True)

    @classmethod
    def pieces(cls, turn, body):
        parts = [[{"text": part}] for part in split(turn["text"], turn["chunks"])] + [[call] for call in cls.calls(turn)]
        for part in parts[:-1]:
            yield f"data: {json.dumps(cls.answer(turn, part, last=False))}\r\n\r\n".encode()
        yield f"data: {json.dumps(cls.answer(turn, parts[-1] if parts else [], last=True))}\r\n\r\n".encode()

    @staticmethod
    def error(status, kind, message):
        return {"error": {"code": status, "message": message, "status": kind.upper()}}

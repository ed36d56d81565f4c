#!/usr/bin/env python3
"""A support assistant that answers from the documents in corpus/, in one file and with nothing to install.

A question goes through three stages, which you will find below in this order:

    retrieve   find the documents that share rare words with the question (BM25)
    prompt     put the best TOP_K of them in front of the model, with instructions
    generate   ask the model, then see which documents it cites and whether it refused

Run it:    OPENAI_BASE_URL=http://127.0.0.1:8099/v1 python3 service.py
Ask it:    curl -s localhost:8080/answer -d '{"question": "How long does standard delivery take?"}'
"""

import hashlib
import http.client
import json
import math
import os
import re
import sys
import urllib.error
import urllib.request
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

# How many documents the model gets to read.
TOP_K = 2  # change me first: with 5, which failures go away, which come, and what does a question cost?

# The rest is worth a look later. K1 and B are BM25's usual values.
K1, B = 1.2, 0.75
MODEL_TIMEOUT = 20  # seconds
LONGEST_QUESTION = 2000  # characters
LONGEST_BODY = 64 * 1024  # bytes

INSTRUCTIONS = """You answer questions of customers, using only the passages below.
After each sentence, cite the passage that it comes from by its id in square brackets, such as [some-id].
If the passages do not hold the answer, say that you cannot answer. Never guess."""


# --- Retrieve -------------------------------------------------------------------------------------------------------


def words(text):
    """The words of a text in lower case. 'Refund' and 'refunds' stay two different words: there is no stemming here."""
    return re.findall(r"[a-z0-9]+", text.lower())


class Corpus:
    """All documents in a folder, with what BM25 has to know about their words."""

    def __init__(self, folder):
        self.documents = {path.stem: path.read_text(encoding="utf-8").strip() for path in sorted(folder.glob("*.md"))}
        if not self.documents:
            raise SystemExit("There are no documents in {}. Put at least one .md file there.".format(folder))
        self.counts = {name: Counter(words(text)) for name, text in self.documents.items()}
        self.lengths = {name: sum(counts.values()) for name, counts in self.counts.items()}
        self.average_length = max(1.0, sum(self.lengths.values()) / len(self.lengths))
        self.holding = Counter(word for counts in self.counts.values() for word in counts)
        self.snapshot = self._snapshot()

    def _snapshot(self):
        """Names the exact state of the documents, so that two answers can be told apart by what they were drawn from."""
        digest = hashlib.sha256()
        for name, text in self.documents.items():
            digest.update("{}\0{}\0".format(name, text).encode("utf-8"))
        return digest.hexdigest()[:16]

    def rarity(self, word):
        """A word that few documents hold says more than one that most of them hold."""
        holding = self.holding[word]
        return math.log(1 + (len(self.documents) - holding + 0.5) / (holding + 0.5))

    def score(self, name, question_words):
        """BM25: rare words count more, repeating a word helps less and less, long documents get no bonus for length."""
        counts, score = self.counts[name], 0.0
        length = 1 - B + B * self.lengths[name] / self.average_length
        for word in question_words:
            score += self.rarity(word) * counts[word] * (K1 + 1) / (counts[word] + K1 * length)
        return score

    def search(self, question, top_k):
        """The documents that fit the question best, best first. One that shares no word with it is not returned."""
        question_words = set(words(question))
        scored = [(self.score(name, sorted(question_words)), name) for name in self.documents]
        best = sorted(scored, key=lambda pair: (-pair[0], pair[1]))[:top_k]
        return [{"id": name, "text": self.documents[name], "score": round(score, 4)} for score, name in best if score > 0]


# --- Prompt ---------------------------------------------------------------------------------------------------------


def messages_for(question, passages):
    """What the model reads: the instructions, then each passage under its [id], then the question."""
    blocks = ["[{}] {}".format(passage["id"], passage["text"].lstrip("# ")) for passage in passages]
    question = " ".join(question.split())  # a question is one line, so that it cannot pass for a passage
    content = "\n\n".join(blocks + ["Question: " + question])
    return [{"role": "system", "content": INSTRUCTIONS}, {"role": "user", "content": content}]


# --- Generate -------------------------------------------------------------------------------------------------------


class ModelError(Exception):
    """The model's server did not answer, or not with what was asked for."""


class Model:
    """Any server that speaks OpenAI's chat API."""

    def __init__(self, base_url, name, key):
        self.url, self.name, self.key = base_url.rstrip("/") + "/chat/completions", name, key

    def complete(self, messages):
        body = json.dumps({"model": self.name, "messages": messages, "temperature": 0}).encode("utf-8")
        request = urllib.request.Request(self.url, body, {"Content-Type": "application/json"})
        if self.key:
            request.add_header("Authorization", "Bearer " + self.key)
        try:
            with urllib.request.urlopen(request, timeout=MODEL_TIMEOUT) as response:
                reply = json.load(response)
            return reply["choices"][0]["message"]["content"] or "", reply
        except urllib.error.HTTPError as error:
            said = error.read(500).decode("utf-8", "replace")
            raise ModelError("{} answered {}: {}".format(self.url, error.code, said))
        except (OSError, http.client.HTTPException) as error:  # refused, unreachable, timed out, broken off
            raise ModelError("{} did not answer: {}".format(self.url, error))
        except (ValueError, KeyError, IndexError, TypeError) as error:
            raise ModelError("{} sent an answer of an unknown shape: {!r}".format(self.url, error))


def first_model(base_url, key):
    """The first model that the server offers, so that its address alone is enough. MODEL says otherwise."""
    request = urllib.request.Request(base_url.rstrip("/") + "/models")
    if key:
        request.add_header("Authorization", "Bearer " + key)
    try:
        with urllib.request.urlopen(request, timeout=MODEL_TIMEOUT) as response:
            return json.load(response)["data"][0]["id"]
    except (OSError, http.client.HTTPException, ValueError, KeyError, IndexError, TypeError):
        return "default"  # a server without a list usually serves one model, whatever it is called


def citations_in(answer):
    """The ids in square brackets, each once. Whether they exist is not checked."""
    return list(dict.fromkeys(re.findall(r"\[([^\[\]\s]+)\]", answer)))


def is_refusal(answer):
    """Whether the model declined. Looking for a phrase is crude; it is also cheap, and you can see why it decides."""
    return re.search(r"\b(cannot|can't|can not|unable to) answer\b", answer.lower().replace("\u2019", "'")) is not None


def answer_question(question, corpus, model):
    """One question through all three stages."""
    passages = corpus.search(question, TOP_K)
    answer, reply = model.complete(messages_for(question, passages))
    usage = reply.get("usage") or {}
    return {
        "answer": answer,
        "citations": citations_in(answer),
        "passages": passages,
        "refused": is_refusal(answer),
        "corpus_snapshot": corpus.snapshot,
        "model": reply.get("model", model.name),
        "usage": {"input_tokens": usage.get("prompt_tokens"), "output_tokens": usage.get("completion_tokens")},
    }


# --- Serve ----------------------------------------------------------------------------------------------------------


class Handler(BaseHTTPRequestHandler):
    """POST /answer and GET /healthz."""

    corpus = model = None

    def do_GET(self):
        if self.path == "/healthz":
            self.send(200, {"status": "ok", "documents": len(self.corpus.documents), "corpus_snapshot": self.corpus.snapshot})
        else:
            self.fail(404, "not_found", "Send POST to /answer, or GET to /healthz.")

    def do_POST(self):
        try:
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(max(0, min(length, LONGEST_BODY)))
            if self.path != "/answer":
                return self.fail(404, "not_found", "Send POST to /answer, or GET to /healthz.")
            question = json.loads(body)["question"].strip()
        except (ValueError, KeyError, TypeError, AttributeError):
            return self.fail(400, "bad_request", 'Send JSON such as {"question": "How long does delivery take?"}.')
        if not 0 < len(question) <= LONGEST_QUESTION:
            return self.fail(400, "bad_question", "A question has 1 to {} characters.".format(LONGEST_QUESTION))
        try:
            self.send(200, answer_question(question, self.corpus, self.model))
        except ModelError as error:
            self.fail(502, "model_failed", str(error))

    def fail(self, status, code, message):
        self.send(status, {"error": {"code": code, "message": message}})

    def send(self, status, content):
        body = json.dumps(content).encode("utf-8")
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format, *args):
        """Says nothing: a line for each request is noise, and what matters is in the answer."""


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128  # the default of 5 turns callers away as soon as several ask at once


def main():
    base_url = os.environ.get("OPENAI_BASE_URL")
    if not base_url:
        sys.exit("Set OPENAI_BASE_URL to a server that speaks OpenAI's API, for example http://127.0.0.1:8099/v1.")
    os.environ.setdefault("no_proxy", "127.0.0.1,localhost")  # a model on this machine is asked directly
    Handler.corpus = Corpus(Path(__file__).resolve().parent / "corpus")
    key = os.environ.get("OPENAI_API_KEY")
    Handler.model = Model(base_url, os.environ.get("MODEL") or first_model(base_url, key), key)
    port = int(os.environ.get("PORT") or 8080)
    server = Server(("127.0.0.1", port), Handler)
    print("Ready on http://127.0.0.1:{}, {} documents".format(port, len(Handler.corpus.documents)), flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()

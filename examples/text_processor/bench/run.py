"""Times each part of the text processor, checks what it returns, and prints METRIC lines.

Times are the CPU time of the one thread that does all the work: what else the machine does disturbs them less than
wall times. (Not of the process: that clock goes in steps of 4 ms wherever a limit is set on CPU time.)
Run it from the project's folder: python3 -m bench.run
`python3 -m bench.run --write-expected` stores the results as the ones to expect from now on.
"""

import gc
import hashlib
import json
import pathlib
import sys
import time

from bench.corpus import Corpus
from textproc.counts import lexical_diversity, most_common, vocabulary, word_counts
from textproc.ngrams import most_common_ngrams
from textproc.readability import reading_ease, school_grade
from textproc.search import SearchEngine
from textproc.summary import summarize

EXPECTED_FILE = pathlib.Path(__file__).with_name("expected.json")


def run_counts(corpus):
    counts = word_counts(corpus.text)
    return [most_common(counts, 25), vocabulary(corpus.text), lexical_diversity(corpus.text)]


def run_ngrams(corpus):
    return [most_common_ngrams(document, 2, 5) for document in corpus.documents]


def run_readability(corpus):
    return [[reading_ease(document), school_grade(document)] for document in corpus.documents]


def run_search(corpus):
    engine = SearchEngine(corpus.documents)
    return [engine.search(query, 10) for query in corpus.queries]


def run_summary(corpus):
    return [summarize(document, 3) for document in corpus.documents]


PARTS = {
    "counts": run_counts,
    "ngrams": run_ngrams,
    "readability": run_readability,
    "search": run_search,
    "summary": run_summary,
}


def rounded(value):
    """The value with every float rounded to nine decimals: another order of additions is no other result."""
    if isinstance(value, float):
        return round(value, 9)
    if isinstance(value, (list, tuple)):
        return [rounded(item) for item in value]
    return value


def checksum(result):
    return hashlib.sha256(json.dumps(rounded(result)).encode()).hexdigest()


def main():
    corpus = Corpus(seed=1, document_count=18, sentences_per_document=30, query_count=50)
    milliseconds = {}
    checksums = {}
    for name, run in PARTS.items():
        gc.collect()
        gc.disable()  # as timeit does: a collection in one run and not in the other says nothing about the code
        start = time.thread_time()
        result = run(corpus)
        milliseconds[name] = (time.thread_time() - start) * 1000.0
        gc.enable()
        checksums[name] = checksum(result)

    if sys.argv[1:] == ["--write-expected"]:
        EXPECTED_FILE.write_text(json.dumps(checksums, indent=2) + "\n")
    expected = json.loads(EXPECTED_FILE.read_text())
    wrong = [name for name in PARTS if checksums[name] != expected[name]]
    if wrong:
        sys.exit("wrong results: " + ", ".join(wrong))
    print(f"METRIC total_ms={sum(milliseconds.values()):.3f}")
    for name, time_taken in milliseconds.items():
        print(f"METRIC {name}_ms={time_taken:.3f}")


if __name__ == "__main__":
    main()

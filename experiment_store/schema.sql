-- The ledger of one campaign.
--
-- Facts come first: what was asked, what came back, what was run, what was measured, what was decided. Facts are
-- append-only; triggers at the end of their part see to it. What changes in the course of an experiment (its stage,
-- its candidate after a rebase, the pairs that still count) is told by further rows, never by an update.
--
-- Derived tables come second: each can be rebuilt from the facts alone (`Ledger::rebuild`), and each is maintained in
-- the same transaction as the facts that it is made of.
--
-- Conventions. Enumerations stand by name, in the words of experiment.hpp. Times are milliseconds since 1970, UTC.
-- Commits and trees are 40 hexadecimal digits, '' where there is none. Effects are positive where the candidate is
-- better (log ratios, or differences where the campaign's scale says so). Seeds are 64 bits; SQLite shows the upper
-- half of their range as negative numbers. Diffs and prompts are zstd frames. Paths are bytes as git has them,
-- relative to the repository's root; no absolute path of a machine stands here.

-- Facts.

-- Which versions this file has gone through.
CREATE TABLE schema_history (
    version    INTEGER PRIMARY KEY,
    name       TEXT NOT NULL,
    dated      TEXT NOT NULL,              -- of the change in the program, not of its application
    applied_at INTEGER NOT NULL
) STRICT;

-- What the campaign is for ever. One row.
CREATE TABLE campaign (
    id         INTEGER PRIMARY KEY CHECK (id = 1),
    name       TEXT NOT NULL,
    metric     TEXT NOT NULL,
    unit       TEXT NOT NULL,
    direction  TEXT NOT NULL,
    scale      TEXT NOT NULL,
    seed       INTEGER NOT NULL,
    base       TEXT NOT NULL,
    base_tree  TEXT NOT NULL,
    budgeted   INTEGER NOT NULL,           -- experiments that the error budget is spread over
    goal       TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

-- A stretch in which the harness does not change. Effects are comparable within an epoch.
CREATE TABLE epoch (
    id            INTEGER PRIMARY KEY,
    harness_hash  TEXT NOT NULL,
    campaign_file TEXT NOT NULL,           -- the text of ratchet.toml as it was
    commit_id     TEXT NOT NULL,           -- whose protected files are the harness
    started_at    INTEGER NOT NULL
) STRICT;

-- One `ratchet run`. A session without an end was killed, or still runs.
CREATE TABLE session (
    id         INTEGER PRIMARY KEY,
    host       TEXT NOT NULL,
    process_id INTEGER NOT NULL,
    started_at INTEGER NOT NULL
) STRICT;

CREATE TABLE session_end (
    session  INTEGER PRIMARY KEY REFERENCES session,
    reason   TEXT NOT NULL,
    ended_at INTEGER NOT NULL
) STRICT;

-- The brief of an experiment, fixed before anybody is asked. Its id is the #number, without gaps, for ever.
CREATE TABLE experiment (
    id         INTEGER PRIMARY KEY,
    epoch      INTEGER NOT NULL REFERENCES epoch,
    parent     TEXT NOT NULL,
    proposer   TEXT NOT NULL,
    move       TEXT NOT NULL,
    focus      TEXT NOT NULL,
    seed       INTEGER NOT NULL,
    started_at INTEGER NOT NULL
) STRICT;
CREATE INDEX experiment_by_proposer ON experiment (proposer);
CREATE INDEX experiment_by_start ON experiment (started_at);

-- What the proposer was told.
CREATE TABLE prompt (
    experiment INTEGER PRIMARY KEY REFERENCES experiment,
    text       BLOB NOT NULL               -- zstd
) STRICT;

-- The stages that were reached, in the order in which they were. The last row of an experiment is its stage.
CREATE TABLE progress (
    id         INTEGER PRIMARY KEY,
    experiment INTEGER NOT NULL REFERENCES experiment,
    stage      TEXT NOT NULL,
    at         INTEGER NOT NULL
) STRICT;
CREATE INDEX progress_by_experiment ON progress (experiment);

-- What came back: the diff from the parent, the notes (never trusted), and what it cost.
CREATE TABLE proposal (
    experiment      INTEGER PRIMARY KEY REFERENCES experiment,
    diff            BLOB NOT NULL,         -- zstd of a git patch; of nothing where nothing was changed
    patch_id        TEXT NOT NULL,
    hypothesis      TEXT NOT NULL,
    expected_effect TEXT NOT NULL,
    risk            TEXT NOT NULL,
    learned         TEXT NOT NULL,
    failure         TEXT NOT NULL,         -- why the proposer failed
    refused         TEXT,                  -- why the capture refused
    requests        INTEGER NOT NULL,
    input_tokens    INTEGER NOT NULL,
    output_tokens   INTEGER NOT NULL,
    cost            REAL,                  -- US dollars, where known
    wall_seconds    REAL NOT NULL,
    captured_at     INTEGER NOT NULL
) STRICT;
CREATE INDEX proposal_by_patch ON proposal (patch_id) WHERE patch_id <> '';

CREATE TABLE touched_file (
    experiment INTEGER NOT NULL REFERENCES proposal,
    position   INTEGER NOT NULL,
    path       TEXT NOT NULL,
    added      INTEGER NOT NULL,
    removed    INTEGER NOT NULL,
    PRIMARY KEY (experiment, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX touched_file_by_path ON touched_file (path, experiment);

-- What the proposer would try next.
CREATE TABLE next_idea (
    experiment INTEGER NOT NULL REFERENCES proposal,
    position   INTEGER NOT NULL,
    text       TEXT NOT NULL,
    PRIMARY KEY (experiment, position)
) STRICT, WITHOUT ROWID;

-- By what the proposer finds its own place again: knob settings, the name of a patch file.
CREATE TABLE origin (
    experiment INTEGER NOT NULL REFERENCES proposal,
    name       TEXT NOT NULL,
    value      TEXT NOT NULL,
    PRIMARY KEY (experiment, name)
) STRICT, WITHOUT ROWID;

-- The commits that were made of a proposal. More than one where it was rebased on a new champion: the last counts.
CREATE TABLE candidate (
    id         INTEGER PRIMARY KEY,
    experiment INTEGER NOT NULL REFERENCES proposal,
    commit_id  TEXT NOT NULL,
    tree       TEXT NOT NULL,
    parent     TEXT NOT NULL,
    at         INTEGER NOT NULL
) STRICT;
CREATE INDEX candidate_by_experiment ON candidate (experiment);

-- Commands of an evaluation that are no samples: prepare, build, gates, benchmark runs that failed.
CREATE TABLE stage_run (
    id                   INTEGER PRIMARY KEY,
    experiment           INTEGER NOT NULL REFERENCES experiment,
    stage                TEXT NOT NULL,
    name                 TEXT NOT NULL,
    succeeded            INTEGER NOT NULL CHECK (succeeded IN (0, 1)),
    timed_out            INTEGER NOT NULL CHECK (timed_out IN (0, 1)),
    exit_status          INTEGER NOT NULL,
    wall_seconds         REAL NOT NULL,
    user_seconds         REAL NOT NULL,
    system_seconds       REAL NOT NULL,
    peak_memory_bytes    INTEGER NOT NULL,
    involuntary_switches INTEGER NOT NULL,
    read_bytes           INTEGER NOT NULL, -- from the disk, not from its cache
    written_bytes        INTEGER NOT NULL, -- to the disk or its cache; not to a tmpfs
    processes            INTEGER,          -- and threads that were started; NULL where not known
    steal_ticks          INTEGER NOT NULL,
    pressure_seconds     REAL NOT NULL,
    instructions         INTEGER,          -- of user space; NULL where the machine counts none
    processor_khz        INTEGER,          -- NULL where the kernel does not say
    tail                 TEXT NOT NULL,    -- the end of the output
    log_file             TEXT NOT NULL,    -- relative to the log folder
    at                   INTEGER NOT NULL
) STRICT;
CREATE INDEX stage_run_by_experiment ON stage_run (experiment);

-- Champion and candidate, one run each. Pairs of an earlier generation than the experiment's present one were
-- discarded: they do not count, and their positions are free again.
CREATE TABLE pair (
    id               INTEGER PRIMARY KEY,
    experiment       INTEGER NOT NULL REFERENCES experiment,
    generation       INTEGER NOT NULL,
    phase            TEXT NOT NULL,
    position         INTEGER NOT NULL,
    candidate_first  INTEGER NOT NULL CHECK (candidate_first IN (0, 1)),
    champion_commit  TEXT NOT NULL,
    candidate_commit TEXT NOT NULL,
    set_aside        TEXT NOT NULL,        -- what the machine did, where the pair does not count
    at               INTEGER NOT NULL,
    pressure_before  REAL,                 -- share of time; NULL where it was not read
    waited_seconds   REAL NOT NULL,        -- for that pressure to fall
    UNIQUE (experiment, generation, phase, position)
) STRICT;

-- The two runs of a pair; side is 'champion' or 'candidate'.
CREATE TABLE sample (
    pair                 INTEGER NOT NULL REFERENCES pair,
    side                 TEXT NOT NULL,
    value                REAL NOT NULL,    -- the primary metric
    wall_seconds         REAL NOT NULL,
    user_seconds         REAL NOT NULL,
    system_seconds       REAL NOT NULL,
    peak_memory_bytes    INTEGER NOT NULL,
    involuntary_switches INTEGER NOT NULL,
    read_bytes           INTEGER NOT NULL, -- from the disk, not from its cache
    written_bytes        INTEGER NOT NULL, -- to the disk or its cache; not to a tmpfs
    processes            INTEGER,          -- and threads that were started; NULL where not known
    steal_ticks          INTEGER NOT NULL,
    pressure_seconds     REAL NOT NULL,
    instructions         INTEGER,          -- of user space; NULL where the machine counts none
    processor_khz        INTEGER,          -- NULL where the kernel does not say
    PRIMARY KEY (pair, side)
) STRICT, WITHOUT ROWID;

-- The constrained metrics of a sample.
CREATE TABLE sample_metric (
    pair  INTEGER NOT NULL,
    side  TEXT NOT NULL,
    name  TEXT NOT NULL,
    value REAL NOT NULL,
    PRIMARY KEY (pair, side, name),
    FOREIGN KEY (pair, side) REFERENCES sample
) STRICT, WITHOUT ROWID;

-- The pairs of generations before this one count no more (they were taken against another champion).
CREATE TABLE discard (
    experiment INTEGER NOT NULL REFERENCES experiment,
    generation INTEGER NOT NULL,           -- the one that begins here, from 1
    reason     TEXT NOT NULL,
    at         INTEGER NOT NULL,
    PRIMARY KEY (experiment, generation)
) STRICT, WITHOUT ROWID;

-- How an experiment ended. Never changed: a veto is a fact of its own.
CREATE TABLE decision (
    experiment      INTEGER PRIMARY KEY REFERENCES experiment,
    verdict         TEXT NOT NULL,
    rejection       TEXT,
    basis           TEXT NOT NULL,
    reason          TEXT NOT NULL,
    effect_low      REAL,
    effect_estimate REAL,
    effect_high     REAL,
    e_value         REAL NOT NULL,
    pairs           INTEGER NOT NULL,
    duplicate_of    INTEGER,               -- 0 is the base
    at              INTEGER NOT NULL
) STRICT;
CREATE INDEX decision_by_duplicate ON decision (duplicate_of) WHERE duplicate_of IS NOT NULL;

-- A person took a kept experiment back.
CREATE TABLE veto (
    experiment INTEGER PRIMARY KEY REFERENCES decision,
    reason     TEXT NOT NULL,
    at         INTEGER NOT NULL
) STRICT;

-- Who was champion, in order: the base (no experiment), then each kept candidate, then again an earlier one after a
-- veto. The last row is the champion.
CREATE TABLE champion (
    id         INTEGER PRIMARY KEY,
    commit_id  TEXT NOT NULL,
    experiment INTEGER REFERENCES decision,
    at         INTEGER NOT NULL
) STRICT;

-- The champion against itself: the noise of this benchmark on this machine.
CREATE TABLE calibration (
    id             INTEGER PRIMARY KEY,
    epoch          INTEGER NOT NULL REFERENCES epoch,
    host           TEXT NOT NULL,
    champion       TEXT NOT NULL,
    deterministic  INTEGER NOT NULL CHECK (deterministic IN (0, 1)),
    champion_value REAL NOT NULL,
    run_seconds    REAL NOT NULL,
    at             INTEGER NOT NULL
) STRICT;

CREATE TABLE calibration_difference (
    calibration INTEGER NOT NULL REFERENCES calibration,
    position    INTEGER NOT NULL,
    value       REAL NOT NULL,
    PRIMARY KEY (calibration, position)
) STRICT, WITHOUT ROWID;

-- A sabotage of the base against the base: proof that the benchmark measures the code in the worktree.
CREATE TABLE canary (
    id              INTEGER PRIMARY KEY,
    epoch           INTEGER NOT NULL REFERENCES epoch,
    host            TEXT NOT NULL,
    base            TEXT NOT NULL,
    sabotage        TEXT NOT NULL,         -- a hash of the patch or the command
    effect_low      REAL NOT NULL,
    effect_estimate REAL NOT NULL,
    effect_high     REAL NOT NULL,
    pairs           INTEGER NOT NULL,
    seen            INTEGER NOT NULL CHECK (seen IN (0, 1)),
    at              INTEGER NOT NULL
) STRICT;

-- Base against champion, measured afresh.
CREATE TABLE verification (
    id             INTEGER PRIMARY KEY,
    base           TEXT NOT NULL,
    champion       TEXT NOT NULL,
    total_low      REAL NOT NULL,
    total_estimate REAL NOT NULL,
    total_high     REAL NOT NULL,
    pairs          INTEGER NOT NULL,
    host           TEXT NOT NULL,
    at             INTEGER NOT NULL
) STRICT;

-- The champion without one of its kept steps, measured against the champion (`ratchet verify --each`). The effect is
-- that of having the step; NULL where it could not be taken out, and then `worth` and `reason` say why.
CREATE TABLE leave_one_out (
    id              INTEGER PRIMARY KEY,
    epoch           INTEGER NOT NULL REFERENCES epoch,
    champion        TEXT NOT NULL,
    experiment      INTEGER NOT NULL REFERENCES decision,
    worth           TEXT NOT NULL,
    reason          TEXT NOT NULL,
    effect_low      REAL,
    effect_estimate REAL,
    effect_high     REAL,
    pairs           INTEGER NOT NULL,
    host            TEXT NOT NULL,
    at              INTEGER NOT NULL
) STRICT;
CREATE INDEX leave_one_out_by_champion ON leave_one_out (champion);

-- What a person told the next proposers.
CREATE TABLE note (
    id   INTEGER PRIMARY KEY,
    text TEXT NOT NULL,
    at   INTEGER NOT NULL
) STRICT;

-- Experiments of other tools (`ratchet import`), with numbers of their own: nobody measured them here, so they are no
-- rows of `experiment`, and no champion, no test of LOND and no sum is ever made of them. They are told to proposers.
CREATE TABLE imported (
    id          INTEGER PRIMARY KEY,
    source      TEXT NOT NULL,             -- the name of the file that they came from, without folders
    line        INTEGER NOT NULL,          -- in that file, from 1
    segment     INTEGER NOT NULL,          -- from 0; each configuration in the file begins one
    session     TEXT NOT NULL,             -- what that configuration calls it; '' where there is none
    metric      TEXT NOT NULL,
    unit        TEXT NOT NULL,
    direction   TEXT,                      -- NULL where the file does not say
    run         INTEGER,                   -- the other tool's own number
    baseline    INTEGER NOT NULL CHECK (baseline IN (0, 1)), -- the first of its segment: nothing was tried yet
    commit_name TEXT NOT NULL,             -- as the file has it: abbreviated, a word, or nothing
    commit_id   TEXT NOT NULL,             -- the commit of this repository that it named at the import; '' for none
    value       REAL,                      -- the metric; NULL where there is none (a crash)
    status      TEXT NOT NULL,
    description TEXT NOT NULL,
    learned     TEXT NOT NULL,
    confidence  REAL,
    measured_at INTEGER,
    extra       TEXT NOT NULL,             -- a JSON object: every further field of the record
    record      TEXT NOT NULL,             -- the line as it was
    at          INTEGER NOT NULL
) STRICT;
CREATE INDEX imported_by_commit ON imported (commit_id) WHERE commit_id <> '';

-- The files that the commit of an imported experiment changes.
CREATE TABLE imported_file (
    imported INTEGER NOT NULL REFERENCES imported,
    position INTEGER NOT NULL,
    path     TEXT NOT NULL,
    PRIMARY KEY (imported, position)
) STRICT, WITHOUT ROWID;

-- An experiment, of this campaign or imported, judged once more on its own commits (`ratchet replay`). Claims nothing:
-- it crowns no champion and spends no error budget.
CREATE TABLE replay (
    id              INTEGER PRIMARY KEY,
    experiment      INTEGER REFERENCES experiment,
    imported        INTEGER REFERENCES imported,
    epoch           INTEGER NOT NULL REFERENCES epoch,
    champion        TEXT NOT NULL,         -- the commit that it was measured against: what the candidate stands on
    candidate       TEXT NOT NULL,
    verdict         TEXT NOT NULL,
    rejection       TEXT,
    basis           TEXT NOT NULL,
    reason          TEXT NOT NULL,
    effect_low      REAL,
    effect_estimate REAL,
    effect_high     REAL,
    e_value         REAL NOT NULL,
    pairs           INTEGER NOT NULL,
    host            TEXT NOT NULL,
    at              INTEGER NOT NULL,
    CHECK ((experiment IS NULL) <> (imported IS NULL))
) STRICT;
CREATE INDEX replay_by_experiment ON replay (experiment) WHERE experiment IS NOT NULL;
CREATE INDEX replay_by_imported ON replay (imported) WHERE imported IS NOT NULL;

-- A first answer that was given back to its proposer, since it repeats a failed experiment: it was paid for. What came
-- of asking once more is the proposal.
CREATE TABLE returned (
    experiment      INTEGER PRIMARY KEY REFERENCES experiment,
    diff            BLOB NOT NULL,         -- zstd
    hypothesis      TEXT NOT NULL,
    expected_effect TEXT NOT NULL,
    risk            TEXT NOT NULL,
    learned         TEXT NOT NULL,
    failure         TEXT NOT NULL,         -- why the proposer failed, though it left a diff
    duplicate_of    INTEGER NOT NULL REFERENCES decision,
    likeness        TEXT NOT NULL,
    told            BLOB NOT NULL,         -- zstd: what stood below the prompt when the proposer was asked again
    requests        INTEGER NOT NULL,
    input_tokens    INTEGER NOT NULL,
    output_tokens   INTEGER NOT NULL,
    cost            REAL,                  -- US dollars, where known; the proposal's has it too
    wall_seconds    REAL NOT NULL,
    at              INTEGER NOT NULL
) STRICT;

CREATE TABLE returned_idea (
    experiment INTEGER NOT NULL REFERENCES returned,
    position   INTEGER NOT NULL,
    text       TEXT NOT NULL,
    PRIMARY KEY (experiment, position)
) STRICT, WITHOUT ROWID;

-- Why the brief asked for this move; no row where nobody was asked.
CREATE TABLE brief_reason (
    experiment INTEGER PRIMARY KEY REFERENCES experiment,
    text       TEXT NOT NULL
) STRICT;

-- A test of "not worse than -margin", by which a simplification is kept, begun with the stage 'measured'. Its id is its
-- number in the error control of these tests.
CREATE TABLE margin_test (
    id         INTEGER PRIMARY KEY,
    experiment INTEGER NOT NULL UNIQUE REFERENCES experiment,
    margin     REAL NOT NULL,              -- an effect, > 0
    at         INTEGER NOT NULL
) STRICT;

-- A brief that starts from another promising commit than the champion, and the champion of then.
CREATE TABLE branching (
    experiment INTEGER PRIMARY KEY REFERENCES experiment,
    champion   TEXT NOT NULL
) STRICT;

-- What was kept as not worse: few, and asked for with every brief.
CREATE INDEX decision_not_worse ON decision (at) WHERE basis = 'not-worse';

-- A request to a model, as ratchet itself saw it go by; of proposers whose requests it does not see there is none.
CREATE TABLE model_request (
    experiment    INTEGER NOT NULL REFERENCES experiment,
    returned      INTEGER NOT NULL CHECK (returned IN (0, 1)), -- for an answer that was given back
    position      INTEGER NOT NULL,
    protocol      TEXT NOT NULL,
    model         TEXT NOT NULL,
    status        INTEGER NOT NULL,        -- of HTTP; 0: there was no answer
    streamed      INTEGER NOT NULL CHECK (streamed IN (0, 1)),
    wall_seconds  REAL NOT NULL,
    input_tokens  INTEGER NOT NULL,        -- those that came from the provider's cache included
    cached_tokens INTEGER NOT NULL,        -- those that came from it
    output_tokens INTEGER NOT NULL,
    cost          REAL,                    -- US dollars, by the prices of the time; NULL where the model had none
    at            INTEGER NOT NULL,
    PRIMARY KEY (experiment, returned, position)
) STRICT, WITHOUT ROWID;

-- The model that made a proposal, where that is known: of several the one that wrote most.
CREATE TABLE proposal_model (
    experiment INTEGER PRIMARY KEY REFERENCES proposal,
    model      TEXT NOT NULL
) STRICT;

-- A brief to mend what broke an earlier experiment; each is given once at most.
CREATE TABLE repair (
    experiment INTEGER PRIMARY KEY REFERENCES experiment,
    repair_of  INTEGER NOT NULL UNIQUE REFERENCES decision
) STRICT;

-- Why this proposer was asked; no row where there was no choice.
CREATE TABLE proposer_reason (
    experiment INTEGER PRIMARY KEY REFERENCES experiment,
    text       TEXT NOT NULL
) STRICT;

-- Facts stay as they were written, also under a slip of somebody's hand in the sqlite3 shell.
CREATE TRIGGER schema_history_is_never_updated BEFORE UPDATE ON schema_history BEGIN SELECT RAISE (ABORT, 'facts are append-only'); END;
CREATE TRIGGER schema_history_is_never_deleted BEFORE DELETE ON schema_history BEGIN SELECT RAISE (ABORT, 'facts are append-only'); END;
CREATE TRIGGER campaign_is_never_updated BEFORE UPDATE ON campaign BEGIN SELECT RAISE (ABORT, 'facts are append-only'); END;
CREATE TRIGGER campaign_is_never_deleted BEFORE DELETE ON campaign BEGIN SELECT RAISE (ABORT, 'facts are append-only'); END;
CREATE TRIGGER epoch_is_never_updated BEFORE UPDATE ON epoch BEGIN SELECT RAISE (ABORT, 'facts are append-only'); END;
CREATE TRIGGER epoch_is_never_deleted BEFORE DELETE ON epoch BEGIN SELECT RAISE (ABORT, 'facts are append-only'); END;
CREATE TRIGGER session_is_never_updated BEFORE UPDATE ON session BEGIN SELECT RAISE (ABORT, 'facts are append-only'); END;
CREATE TRIGGER session_is_never_deleted BEFORE DELETE ON session BEGIN SELECT RAISE (ABORT, 'facts are append-only'); END;
CREATE TRIGGER session_end_is_never_updated BEFORE UPDATE ON session_end BEGIN SELECT RAISE (ABORT, 'facts are append-only'); END;
CREATE TRIGGER session_end_is_never_deleted BEFORE DELETE ON session_end BEGIN SELECT RAISE (ABORT, 'facts are append-only'); END;
CREATE TRIGGER experiment_is_never_updated BEFORE UPDATE ON experiment BEGIN SELECT RAISE (ABORT, 'facts are append-only'); END;
CREATE TRIGGER experiment_is_never_deleted BEFORE DELETE ON experiment BEGIN SELECT RAISE (ABORT, 'facts are append-only'); END;
CREATE TRIGGER prompt_is_never_updated BEFORE UPDATE ON prompt BEGIN SELECT RAISE (ABORT, 'facts are append-only'); END;
CREATE TRIGGER prompt_is_never_deleted BEFORE DELETE ON prompt BEGIN SELECT RAISE (ABORT, 'facts are append-only'); END;
CREATE TRIGGER progress_is_never_updated BEFORE UPDATE ON progress BEGIN SELECT RAISE (ABORT, 'facts are append-only'); END;
CREATE TRIGGER progress_is_never_deleted BEFORE DELETE ON progress BEGIN SELECT RAISE (ABORT, 'facts are append-only'); END;
CREATE TRIGGER proposal_is_never_updated BEFORE UPDATE ON proposal BEGIN SELECT RAISE (ABORT, 'facts are append-only'); END;
CREATE TRIGGER proposal_is_never_deleted BEFORE DELETE ON proposal BEGIN SELECT RAISE (ABORT, 'facts are append-only'); END;
CREATE TRIGGER touched_file_is_never_updated BEFORE UPDATE ON touched_file BEGIN SELECT RAISE (ABORT, 'facts are append-only'); END;
CREATE TRIGGER touched_file_is_never_deleted BEFORE DELETE ON touched_file BEGIN SELECT RAISE (ABORT, 'facts are append-only'); END;
CREATE TRIGGER next_idea_is_never_updated BEFORE UPDATE ON next_idea BEGIN SELECT RAISE (ABORT, 'facts are append-only'); END;
CREATE TRIGGER next_idea_is_never_deleted BEFORE DELETE ON next_idea BEGIN SELECT RAISE (ABORT, 'facts are append-only'); END;
CREATE TRIGGER origin_is_never_updated BEFORE UPDATE ON origin BEGIN SELECT RAISE (ABORT, 'facts are append-only'); END;
CREATE TRIGGER origin_is_never_deleted BEFORE DELETE ON origin BEGIN SELECT RAISE (ABORT, 'facts are append-only'); END;
CREATE TRIGGER candidate_is_never_updated BEFORE UPDATE ON candidate BEGIN SELECT RAISE (ABORT, 'facts are append-only'); END;
CREATE TRIGGER candidate_is_never_deleted BEFORE DELETE ON candidate BEGIN SELECT RAISE (ABORT, 'facts are append-only'); END;
CREATE TRIGGER stage_run_is_never_updated BEFORE UPDATE ON stage_run BEGIN SELECT RAISE (ABORT, 'facts are append-only'); END;
CREATE TRIGGER stage_run_is_never_deleted BEFORE DELETE ON stage_run BEGIN SELECT RAISE (ABORT, 'facts are append-only'); END;
CREATE TRIGGER pair_is_never_updated BEFORE UPDATE ON pair BEGIN SELECT RAISE (ABORT, 'facts are append-only'); END;
CREATE TRIGGER pair_is_never_deleted BEFORE DELETE ON pair BEGIN SELECT RAISE (ABORT, 'facts are append-only'); END;
CREATE TRIGGER sample_is_never_updated BEFORE UPDATE ON sample BEGIN SELECT RAISE (ABORT, 'facts are append-only'); END;
CREATE TRIGGER sample_is_never_deleted BEFORE DELETE ON sample BEGIN SELECT RAISE (ABORT, 'facts are append-only'); END;
CREATE TRIGGER sample_metric_is_never_updated BEFORE UPDATE ON sample_metric BEGIN SELECT RAISE (ABORT, 'facts are append-only'); END;
CREATE TRIGGER sample_metric_is_never_deleted BEFORE DELETE ON sample_metric BEGIN SELECT RAISE (ABORT, 'facts are append-only'); END;
CREATE TRIGGER discard_is_never_updated BEFORE UPDATE ON discard BEGIN SELECT RAISE (ABORT, 'facts are append-only'); END;
CREATE TRIGGER discard_is_never_deleted BEFORE DELETE ON discard BEGIN SELECT RAISE (ABORT, 'facts are append-only'); END;
CREATE TRIGGER decision_is_never_updated BEFORE UPDATE ON decision BEGIN SELECT RAISE (ABORT, 'facts are append-only'); END;
CREATE TRIGGER decision_is_never_deleted BEFORE DELETE ON decision BEGIN SELECT RAISE (ABORT, 'facts are append-only'); END;
CREATE TRIGGER veto_is_never_updated BEFORE UPDATE ON veto BEGIN SELECT RAISE (ABORT, 'facts are append-only'); END;
CREATE TRIGGER veto_is_never_deleted BEFORE DELETE ON veto BEGIN SELECT RAISE (ABORT, 'facts are append-only'); END;
CREATE TRIGGER champion_is_never_updated BEFORE UPDATE ON champion BEGIN SELECT RAISE (ABORT, 'facts are append-only'); END;
CREATE TRIGGER champion_is_never_deleted BEFORE DELETE ON champion BEGIN SELECT RAISE (ABORT, 'facts are append-only'); END;
CREATE TRIGGER calibration_is_never_updated BEFORE UPDATE ON calibration BEGIN SELECT RAISE (ABORT, 'facts are append-only'); END;
CREATE TRIGGER calibration_is_never_deleted BEFORE DELETE ON calibration BEGIN SELECT RAISE (ABORT, 'facts are append-only'); END;
CREATE TRIGGER calibration_difference_is_never_updated BEFORE UPDATE ON calibration_difference BEGIN SELECT RAISE (ABORT, 'facts are append-only'); END;
CREATE TRIGGER calibration_difference_is_never_deleted BEFORE DELETE ON calibration_difference BEGIN SELECT RAISE (ABORT, 'facts are append-only'); END;
CREATE TRIGGER canary_is_never_updated BEFORE UPDATE ON canary BEGIN SELECT RAISE (ABORT, 'facts are append-only'); END;
CREATE TRIGGER canary_is_never_deleted BEFORE DELETE ON canary BEGIN SELECT RAISE (ABORT, 'facts are append-only'); END;
CREATE TRIGGER verification_is_never_updated BEFORE UPDATE ON verification BEGIN SELECT RAISE (ABORT, 'facts are append-only'); END;
CREATE TRIGGER verification_is_never_deleted BEFORE DELETE ON verification BEGIN SELECT RAISE (ABORT, 'facts are append-only'); END;
CREATE TRIGGER leave_one_out_is_never_updated BEFORE UPDATE ON leave_one_out BEGIN SELECT RAISE (ABORT, 'facts are append-only'); END;
CREATE TRIGGER leave_one_out_is_never_deleted BEFORE DELETE ON leave_one_out BEGIN SELECT RAISE (ABORT, 'facts are append-only'); END;
CREATE TRIGGER note_is_never_updated BEFORE UPDATE ON note BEGIN SELECT RAISE (ABORT, 'facts are append-only'); END;
CREATE TRIGGER note_is_never_deleted BEFORE DELETE ON note BEGIN SELECT RAISE (ABORT, 'facts are append-only'); END;
CREATE TRIGGER imported_is_never_updated BEFORE UPDATE ON imported BEGIN SELECT RAISE (ABORT, 'facts are append-only'); END;
CREATE TRIGGER imported_is_never_deleted BEFORE DELETE ON imported BEGIN SELECT RAISE (ABORT, 'facts are append-only'); END;
CREATE TRIGGER imported_file_is_never_updated BEFORE UPDATE ON imported_file BEGIN SELECT RAISE (ABORT, 'facts are append-only'); END;
CREATE TRIGGER imported_file_is_never_deleted BEFORE DELETE ON imported_file BEGIN SELECT RAISE (ABORT, 'facts are append-only'); END;
CREATE TRIGGER replay_is_never_updated BEFORE UPDATE ON replay BEGIN SELECT RAISE (ABORT, 'facts are append-only'); END;
CREATE TRIGGER replay_is_never_deleted BEFORE DELETE ON replay BEGIN SELECT RAISE (ABORT, 'facts are append-only'); END;
CREATE TRIGGER returned_is_never_updated BEFORE UPDATE ON returned BEGIN SELECT RAISE (ABORT, 'facts are append-only'); END;
CREATE TRIGGER returned_is_never_deleted BEFORE DELETE ON returned BEGIN SELECT RAISE (ABORT, 'facts are append-only'); END;
CREATE TRIGGER returned_idea_is_never_updated BEFORE UPDATE ON returned_idea BEGIN SELECT RAISE (ABORT, 'facts are append-only'); END;
CREATE TRIGGER returned_idea_is_never_deleted BEFORE DELETE ON returned_idea BEGIN SELECT RAISE (ABORT, 'facts are append-only'); END;
CREATE TRIGGER brief_reason_is_never_updated BEFORE UPDATE ON brief_reason BEGIN SELECT RAISE (ABORT, 'facts are append-only'); END;
CREATE TRIGGER brief_reason_is_never_deleted BEFORE DELETE ON brief_reason BEGIN SELECT RAISE (ABORT, 'facts are append-only'); END;
CREATE TRIGGER margin_test_is_never_updated BEFORE UPDATE ON margin_test BEGIN SELECT RAISE (ABORT, 'facts are append-only'); END;
CREATE TRIGGER margin_test_is_never_deleted BEFORE DELETE ON margin_test BEGIN SELECT RAISE (ABORT, 'facts are append-only'); END;
CREATE TRIGGER branching_is_never_updated BEFORE UPDATE ON branching BEGIN SELECT RAISE (ABORT, 'facts are append-only'); END;
CREATE TRIGGER branching_is_never_deleted BEFORE DELETE ON branching BEGIN SELECT RAISE (ABORT, 'facts are append-only'); END;
CREATE TRIGGER model_request_is_never_updated BEFORE UPDATE ON model_request BEGIN SELECT RAISE (ABORT, 'facts are append-only'); END;
CREATE TRIGGER model_request_is_never_deleted BEFORE DELETE ON model_request BEGIN SELECT RAISE (ABORT, 'facts are append-only'); END;
CREATE TRIGGER proposal_model_is_never_updated BEFORE UPDATE ON proposal_model BEGIN SELECT RAISE (ABORT, 'facts are append-only'); END;
CREATE TRIGGER proposal_model_is_never_deleted BEFORE DELETE ON proposal_model BEGIN SELECT RAISE (ABORT, 'facts are append-only'); END;
CREATE TRIGGER repair_is_never_updated BEFORE UPDATE ON repair BEGIN SELECT RAISE (ABORT, 'facts are append-only'); END;
CREATE TRIGGER repair_is_never_deleted BEFORE DELETE ON repair BEGIN SELECT RAISE (ABORT, 'facts are append-only'); END;
CREATE TRIGGER proposer_reason_is_never_updated BEFORE UPDATE ON proposer_reason BEGIN SELECT RAISE (ABORT, 'facts are append-only'); END;
CREATE TRIGGER proposer_reason_is_never_deleted BEFORE DELETE ON proposer_reason BEGIN SELECT RAISE (ABORT, 'facts are append-only'); END;

-- Derived.

-- Where each experiment stands now: one row that lists and look-ups need, instead of the last of many.
CREATE TABLE standing (
    experiment       INTEGER PRIMARY KEY REFERENCES experiment,
    epoch            INTEGER NOT NULL,
    stage            TEXT NOT NULL,
    idea             TEXT NOT NULL DEFAULT '',     -- one line
    candidate        TEXT NOT NULL DEFAULT '',
    candidate_parent TEXT NOT NULL DEFAULT '',     -- what the candidate stands on
    tree             TEXT NOT NULL DEFAULT '',
    generation       INTEGER NOT NULL DEFAULT 0,   -- of the pairs that count
    test_number      INTEGER NOT NULL DEFAULT 0,   -- the t of LOND: 1, 2, … in the order of reaching 'measured', the test of a gain to come
    verdict          TEXT,                         -- NULL until finished; 'vetoed' where a kept one was taken back
    finished_at      INTEGER
) STRICT;
CREATE INDEX standing_by_verdict ON standing (verdict);
CREATE INDEX standing_by_tree ON standing (tree) WHERE tree <> '';
CREATE INDEX standing_by_candidate ON standing (candidate) WHERE candidate <> '';
CREATE INDEX standing_by_parent ON standing (candidate_parent);

-- Sums over the whole campaign. One row.
CREATE TABLE totals (
    id                   INTEGER PRIMARY KEY CHECK (id = 1),
    tests                INTEGER NOT NULL DEFAULT 0,
    finished             INTEGER NOT NULL DEFAULT 0,
    finished_at_last_kept INTEGER NOT NULL DEFAULT 0, -- what `finished` was when the last one was kept
    requests             INTEGER NOT NULL DEFAULT 0,
    input_tokens         INTEGER NOT NULL DEFAULT 0,
    output_tokens        INTEGER NOT NULL DEFAULT 0,
    cost                 REAL,
    wall_seconds         REAL NOT NULL DEFAULT 0
) STRICT;
INSERT INTO totals (id) VALUES (1);

-- Experiments by verdict, as `standing` has it.
CREATE TABLE tally (
    verdict TEXT PRIMARY KEY,
    count   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What was tried where, over finished experiments that were run (see docs/ledger.md).
CREATE TABLE file_record (
    path        TEXT PRIMARY KEY,
    attempts    INTEGER NOT NULL,
    failures    INTEGER NOT NULL,
    kept        INTEGER NOT NULL,
    best_effect REAL
) STRICT, WITHOUT ROWID;
CREATE INDEX file_record_by_attempts ON file_record (attempts);

-- Failures that recur: the telling line of the output without what differs from run to run.
CREATE TABLE failure_signature (
    id    INTEGER PRIMARY KEY,
    stage TEXT NOT NULL,
    name  TEXT NOT NULL,
    line  TEXT NOT NULL,
    count INTEGER NOT NULL,
    last  INTEGER NOT NULL,
    UNIQUE (stage, name, line)
) STRICT;
CREATE INDEX failure_signature_by_count ON failure_signature (count) WHERE count >= 2;

-- SimHash of the tokens of each diff, in the order in which they came: a reader catches up from the last id it knows.
CREATE TABLE fingerprint (
    id         INTEGER PRIMARY KEY,
    experiment INTEGER NOT NULL UNIQUE REFERENCES proposal,
    value      INTEGER NOT NULL
) STRICT;

-- The same, so many to a row, for a process that begins: it would read a million rows for a quarter of a second.
CREATE TABLE fingerprint_block (
    last  INTEGER PRIMARY KEY,               -- the id of its last one in `fingerprint`
    bytes BLOB NOT NULL                      -- of each in order: experiment, value; 8 bytes each, the lowest first
) STRICT;

-- What the kept steps up to each experiment that was kept (or vetoed since) gain together, itself included: what is
-- asked of the champion's lineage without walking along it.
CREATE TABLE step_sum (
    experiment INTEGER PRIMARY KEY REFERENCES decision,
    steps      INTEGER NOT NULL,
    estimate   REAL NOT NULL,                -- of the effects
    below      REAL NOT NULL,                -- of the squares of estimate - low
    above      REAL NOT NULL                 -- of the squares of high - estimate
) STRICT;

-- Full text of finished experiments; rowid is the experiment. Contentless: the words only, the text is in the facts.
CREATE VIRTUAL TABLE full_text USING fts5 (
    idea, notes, reason, files, output,
    content = '', tokenize = 'unicode61'
);

-- Each place of each word, for finding out which words are rare.
CREATE VIRTUAL TABLE word_place USING fts5vocab (full_text, instance);

-- What was tried in which function, as file_record has it for files. A function has its row from the first proposal
-- on that touches it, whatever becomes of that one.
CREATE TABLE function_record (
    id          INTEGER PRIMARY KEY,
    path        TEXT NOT NULL,
    function    TEXT NOT NULL,
    attempts    INTEGER NOT NULL DEFAULT 0,
    failures    INTEGER NOT NULL DEFAULT 0,
    kept        INTEGER NOT NULL DEFAULT 0,
    best_effect REAL,
    last_kept   INTEGER,                           -- the newest kept experiment that changed it
    UNIQUE (path, function)
) STRICT;
CREATE INDEX function_record_by_attempts ON function_record (attempts);
CREATE INDEX function_record_by_path ON function_record (path, attempts);

-- Which functions a proposal touches, read from its diff.
CREATE TABLE touched_function (
    experiment INTEGER NOT NULL,
    function   INTEGER NOT NULL,                   -- the id in function_record
    PRIMARY KEY (experiment, function)
) STRICT, WITHOUT ROWID;
CREATE INDEX touched_function_by_function ON touched_function (function, experiment);

-- Which files (function '') and functions were touched by the experiments that failed in this way.
CREATE TABLE failure_place (
    signature INTEGER NOT NULL,                    -- the id in failure_signature
    path      TEXT NOT NULL,
    function  TEXT NOT NULL,
    count     INTEGER NOT NULL,
    PRIMARY KEY (signature, path, function)
) STRICT, WITHOUT ROWID;
CREATE INDEX failure_place_by_count ON failure_place (signature, count);

-- What became of the ideas that finished experiments left. What is left again, in words, has one row.
CREATE TABLE idea_fate (
    id         INTEGER PRIMARY KEY,                -- a number of its own, from when it was left first
    experiment INTEGER NOT NULL,                   -- that left it last
    position   INTEGER NOT NULL,                   -- as in next_idea
    words      BLOB NOT NULL,                      -- the hashes of its words (idea_words.hpp), sorted; 8 bytes each, lowest first
    times      INTEGER NOT NULL,                   -- it was left
    tried_as   INTEGER                             -- the experiment that tried the same; NULL: none did
) STRICT;
CREATE INDEX idea_fate_untried ON idea_fate (experiment, position) WHERE tried_as IS NULL;
CREATE INDEX idea_fate_tried ON idea_fate (experiment, position) WHERE tried_as IS NOT NULL;

-- The rarest words of each idea, hashed: by them it is found.
CREATE TABLE idea_word (
    word INTEGER NOT NULL,
    idea INTEGER NOT NULL,                         -- the id in idea_fate
    PRIMARY KEY (word, idea)
) STRICT, WITHOUT ROWID;

-- What experiments that were run tried, in words.
CREATE TABLE tried_idea (
    experiment INTEGER PRIMARY KEY,
    words      BLOB NOT NULL                       -- as in idea_fate
) STRICT;

-- The words of what experiments tried, hashed: by them it is found who tried an idea.
CREATE TABLE tried_word (
    word       INTEGER NOT NULL,
    experiment INTEGER NOT NULL,
    PRIMARY KEY (word, experiment)
) STRICT, WITHOUT ROWID;

-- What proposals cost and what they brought: finished experiments by who made them, with which model, and how they
-- ended. In whole numbers, so that their order makes no difference.
CREATE TABLE spend (
    proposer      TEXT NOT NULL,
    model         TEXT NOT NULL,                   -- '' where it is not known
    verdict       TEXT NOT NULL,
    experiments   INTEGER NOT NULL,
    requests      INTEGER NOT NULL,
    input_tokens  INTEGER NOT NULL,
    output_tokens INTEGER NOT NULL,
    priced        INTEGER NOT NULL,                -- those of the experiments whose cost is known
    cost          INTEGER NOT NULL,                -- of these, in billionths of a US dollar
    wall          INTEGER NOT NULL,                -- milliseconds that their proposers took
    gain          INTEGER NOT NULL,                -- of kept ones: the sum of the effects, in billionths
    PRIMARY KEY (proposer, model, verdict)
) STRICT, WITHOUT ROWID;

-- The requests that ratchet saw, by model.
CREATE TABLE model_spend (
    model         TEXT PRIMARY KEY,
    requests      INTEGER NOT NULL,
    failed        INTEGER NOT NULL,                -- without an answer, or with a status other than 200 to 299
    input_tokens  INTEGER NOT NULL,
    cached_tokens INTEGER NOT NULL,
    output_tokens INTEGER NOT NULL,
    unpriced      INTEGER NOT NULL,                -- those that used tokens and have no price
    cost          INTEGER NOT NULL,                -- of the others, in billionths of a US dollar
    wall          INTEGER NOT NULL                 -- milliseconds
) STRICT, WITHOUT ROWID;

//! The words that count, measure or praise. Small tables rather than clever rules: a refusal has to be predictable.

/// Words that follow a number and make it a share, a multiple, an amount of money or a duration.
pub(crate) const UNITS: &[&str] = &[
    "percent", "pct", "per", "cent", "cents", "percentage", "percentile", "point", "points", "pp", "bp",
    "bps", "times", "time", "x", "fold", "folds", "usd", "eur", "gbp", "dollar", "dollars", "buck", "bucks",
    "euro", "euros", "pound", "pounds", "rupees", "yen", "ns", "us", "ms", "msec", "millisecond",
    "milliseconds", "microseconds", "s", "sec", "secs", "second", "seconds", "min", "mins", "minute",
    "minutes", "h", "hr", "hrs", "hour", "hours", "day", "days", "week", "weeks", "month", "months",
    "quarter", "quarters", "year", "years", "figure", "figures", "sigma",
];

/// Words between a number and its unit.
pub(crate) const BETWEEN: &[&str] = &[
    "full", "whole", "us", "more", "fewer", "less", "extra", "entire", "solid", "percentage", "business",
    "working",
];

/// Words that are a quantity by themselves.
pub(crate) const QUANTITIES: &[&str] = &[
    "half", "halve", "halved", "halves", "halving", "twice", "thrice", "doubled", "doubles", "doubling",
    "doubly", "triple", "tripled", "triples", "tripling", "treble", "trebled", "quadruple", "quadrupled",
    "quintupled", "percent", "pct", "percents", "zero", "thirteen", "fourteen", "fifteen", "sixteen",
    "seventeen", "eighteen", "nineteen", "twenty", "thirty", "forty", "fourty", "fifty", "sixty", "seventy",
    "eighty", "ninety", "hundred", "hundreds", "hundredth", "hundredths", "thousand", "thousands",
    "thousandth", "thousandths", "million", "millions", "billion", "billions", "trillion", "dozen", "dozens",
    "thirds", "quarters", "fifths", "sixths", "sevenths", "eighths", "ninths", "tenths", "nines", "magnitude",
];

/// Number words that are ordinary prose unless a unit or a fraction makes a quantity of them.
pub(crate) const SMALL: &[&str] = &[
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
];

/// Ordinals that name a part of something.
pub(crate) const PARTS: &[&str] = &[
    "third", "quarter", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth",
];

/// Durations that "a" makes a quantity of when a bound stands before: "under a second", "sub-second".
pub(crate) const DURATIONS: &[&str] = &[
    "millisecond", "second", "minute", "hour", "day", "week", "month", "year", "cent", "dollar", "euro",
];

/// Words that make a bound of what follows.
pub(crate) const BOUNDS: &[&str] = &[
    "under", "within", "below", "over", "than", "least", "most", "about", "nearly", "almost", "exactly",
];

/// What an ordinal counts rather than divides: "by a third party".
pub(crate) const PART_NOUNS: &[&str] = &[
    "party", "parties", "person", "attempt", "try", "service", "library", "reviewer",
];

/// What follows "a third" when it is a share.
pub(crate) const SHARE_AFTER: &[&str] = &[
    "of", "less", "more", "fewer", "lower", "higher", "faster", "slower", "cheaper", "as", "the", "better",
    "worse",
];

/// What follows a quantity word in a name: "zero-shot", "double-check".
pub(crate) const NAMED: &[(&str, &[&str])] = &[
    ("zero", &["shot", "day", "trust", "downtime", "config"]),
    ("half", &["open", "life"]),
];

/// What may follow "double".
pub(crate) const DOUBLE: &[&str] = &[
    "check", "checks", "checked", "click", "quote", "quotes", "quoted", "entry", "buffer", "blind", "bind",
    "slash",
];

/// Letters in front of a digit that make no name of it: "pass-rate-91", "by-40", "x3".
pub(crate) const NO_STEM: &[&str] = &[
    "x", "v", "by", "to", "from", "at", "of", "sub", "over", "under", "than", "about", "nearly", "almost",
    "minus", "plus", "approx", "circa", "ca", "around", "is", "was", "are", "were", "rate", "rates", "pass",
    "passed", "accuracy", "score", "scored", "precision", "latency", "cost", "costs", "usd", "eur", "gbp",
    "rose", "fell", "up", "down", "cut", "drop", "dropped", "improved", "raised", "reduced", "reached", "hit",
    "gained", "saved", "answers", "correct", "grounded", "percent", "pct", "points", "users", "customers",
    "cases", "n", "dollar", "dollars", "euro", "ratio",
];

/// Series whose members are numbered after a space: "RFC 9110".
pub(crate) const SERIES: &[&str] = &["RFC", "ISO", "IEC", "IEEE", "PEP", "ECMA", "HTTP", "NIST", "WCAG"];

/// Words that only a measurement may use; an author cannot state them.
pub(crate) const MEASURES: &[&str] = &[
    "accuracy", "accurate", "recall", "precision", "latency", "cost", "costs", "score", "rate", "correct",
    "grounded", "half", "halved", "twice", "thrice", "double", "doubled", "triple", "tripled", "quadrupled",
    "third", "thirds", "k",
];

/// How a word of improvement may be true.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trend {
    /// The change is for the better.
    Better,
    /// The change is for the worse.
    Worse,
    /// The value went up.
    Up,
    /// The value went down.
    Down,
}

/// Words that say a value changed.
pub(crate) const TRENDS: &[(Trend, &[&str])] = &[
    (
        Trend::Better,
        &[
            "improved", "improves", "improvement", "improvements", "better", "faster", "cheaper", "boosted",
            "boosts", "boost", "enhanced", "optimised", "optimized", "outperforms", "outperformed",
            "surpassed", "smarter", "speedup", "speedups", "quicker", "safer", "saved", "saves", "savings",
            "eliminated", "eliminates", "stronger", "streamlined", "best", "fastest", "cheapest",
            "accelerated", "accelerates", "sped", "strengthened", "outperforming",
        ],
    ),
    (
        Trend::Worse,
        &[
            "worsened", "worse", "slower", "deteriorated", "regressed", "degraded", "costlier",
        ],
    ),
    (
        Trend::Up,
        &[
            "raised", "raises", "rose", "risen", "increased", "increases", "grew", "grown", "climbed",
            "higher", "gained", "gains", "jumped", "soared", "lifted", "lifts", "doubled", "tripled",
            "uplift", "multiplied",
        ],
    ),
    (
        Trend::Down,
        &[
            "reduced", "reduces", "reduction", "reductions", "cut", "cuts", "fell", "fallen", "dropped",
            "drops", "lower", "lowered", "lowers", "decreased", "decreases", "shrank", "shrunk", "slashed",
            "declined", "fewer", "halved", "shortened", "minimised", "minimized", "trimmed", "lessened",
        ],
    ),
];

/// What follows a word of improvement when it is none: "raised an error", "fell back", "lower bound".
pub(crate) const NO_TREND_AFTER: &[(&str, &[&str])] = &[
    (
        "raised",
        &[
            "error", "errors", "exception", "exceptions", "issue", "alarm", "question", "flag", "concern",
        ],
    ),
    (
        "raises",
        &[
            "error", "errors", "exception", "exceptions", "issue", "alarm", "question", "flag", "concern",
        ],
    ),
    ("fell", &["back", "through", "over", "into", "apart", "out"]),
    ("fallen", &["back", "through", "over", "into", "apart", "out"]),
    ("lower", &["bound", "case", "limit", "level", "layer", "end"]),
    ("higher", &["order", "level", "layer"]),
    ("cut", &["off", "out", "into", "short"]),
    ("cuts", &["off", "out", "into", "short"]),
    (
        "dropped",
        &[
            "connection", "connections", "packet", "packets", "request", "requests", "table", "column",
        ],
    ),
    (
        "drops",
        &[
            "connection", "connections", "packet", "packets", "request", "requests", "table", "column",
        ],
    ),
    ("saved", &["to", "as", "in", "under", "file", "files"]),
    ("saves", &["to", "as", "in", "under", "file", "files"]),
    ("best", &["practice", "practices", "effort", "matching"]),
];

/// Verbs that make an achievement of what follows: "helped reduce", "managed to cut".
pub(crate) const ACHIEVED: &[&str] = &[
    "helped", "helps", "help", "managed", "able", "did", "succeeded", "allowed",
];

/// Words of improvement in the plain form; claims only after [`ACHIEVED`].
pub(crate) const PLAIN_FORMS: &[(Trend, &[&str])] = &[
    (
        Trend::Better,
        &[
            "improve", "improving", "optimise", "optimize", "enhance", "save", "speed",
        ],
    ),
    (
        Trend::Up,
        &["raise", "increase", "lift", "double", "triple", "grow"],
    ),
    (
        Trend::Down,
        &[
            "reduce", "decrease", "halve", "shrink", "shorten", "minimise", "minimize",
        ],
    ),
];

/// The same as nouns: "an increase", "a clear drop".
pub(crate) const NOUNS: &[(Trend, &[&str])] = &[
    (Trend::Up, &["increase", "rise", "gain", "jump"]),
    (Trend::Down, &["decrease", "drop", "fall", "decline"]),
];

/// Plain forms that are a claim wherever they are not an intention: "the changes improve recall".
pub(crate) const BARE_CLAIMS: &[&str] = &[
    "improve", "enhance", "increase", "reduce", "decrease", "halve", "shrink", "minimise", "minimize",
];

/// Words that make an intention of a plain form within the next few words: "to cut cost and improve answers".
pub(crate) const INTENTIONS: &[&str] = &[
    "to", "should", "could", "would", "will", "can", "may", "might", "must", "shall", "let", "please",
    "that", "how", "if", "whether",
];

/// Words that turn a word of improvement into its denial.
pub(crate) const DENIALS: &[&str] = &["not", "never", "no", "without", "neither", "nor", "cannot"];

/// Words that take a denial back: "not only improved".
pub(crate) const NO_DENIAL: &[&str] = &["only", "just", "merely", "simply"];

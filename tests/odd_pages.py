"""Pages that nobody should write, as Python that makes them, and how many lines each has.

None where the number of lines does not matter. `tests/test_markup_robustness.py` reads each within
bounds, `benchmarks/odd_pages.py` measures what that costs.
"""

PAGES: dict[str, tuple[str, int | None]] = {
    "empty": ("''", 0),
    "binary": ("__import__('random').Random(3).randbytes(5_000_000)", None),
    "zeros": ("bytes(5_000_000)", 0),
    "deep": ("'<div>' * 10_000 + 'x' + '</div>' * 10_000", 1),
    "deeper": ("'<div>' * 1_000_000 + 'x'", 1),
    "deep formatting": ("'<b><p>' * 10_000 + 'x'", 1),
    "formatting that is told apart": (
        "''.join(f'<font size={i}><p>' for i in range(2_000)) + 'x'",
        1,
    ),
    "formatting that is opened anew": (
        "''.join(f'<p><font size={i}>x' for i in range(2_500))",
        2_500,
    ),
    "deep links": ("'<a href=x>' * 20_000 + 'x'", 1),
    "deep tables": ("'<table>' * 5_000 + 'x'", 1),
    "deep lists": ("'<ul><li>' * 10_000 + 'x'", 1),
    "a million elements": ("'<p>a</p>' * 1_000_000", 1_000_000),
    "a million empty elements": ("'<p></p>' * 1_000_000", 0),
    "a million line breaks": ("'a<br>' * 1_000_000", 1_000_000),
    "a million preformatted lines": ("'<pre>' + 'a\\n' * 1_000_000", 1_000_000),
    "50 MB": (
        "'<div class=\"a b\"><p>Some words and <a href=/x>a link</a>.</p></div>\\n' * 780_000",
        780_000,
    ),
    "one text of 10 MB": ("'<p>' + 'word ' * 2_000_000", 1),
    "one word of 10 MB": ("'<p>' + 'w' * 10_000_000", 1),
    "10 MB of entities": ("'<p>' + '&amp;' * 2_000_000", 1),
    "unclosed everything": (
        "'<table><tr><td><ul><li><a href=x><b><i><select><option>' * 20_000 + 'x'",
        None,
    ),
    "an unclosed comment": ("'<p>a<!--' + '-' * 5_000_000", 1),
    "an unclosed attribute": ("'<p>a<p class=\"' + 'b ' * 2_000_000", 1),
    "an unclosed script": ("'<p>a<script>' + '<!--<script>' * 500_000", 1),
    "200,000 attributes": ("'<p ' + ' '.join(f'a{i}=1' for i in range(200_000)) + '>x'", 1),
    "a million classes for each line": (
        "'<div class=\"' + 'abc ' * 1_000_000 + '\">' + '<p>x</p>' * 10_000",
        10_000,
    ),
    "many words for many lines": (
        "'<div class=\"ab cd ef\">' * 16 + '<p>x</p>' * 200_000",
        200_000,
    ),
    "deep JSON-LD": (
        "'<script type=application/ld+json>' + '[' * 200_000 + '</script><p>x'",
        1,
    ),
    "a long number in JSON-LD": (
        "'<script type=application/ld+json>{\"a\": ' + '1' * 100_000 + '}</script><p>x'",
        1,
    ),
    "half a surrogate pair": ("'<p class=\\ud800>a\\ud800b'", 1),
}

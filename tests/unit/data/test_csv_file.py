"""Reading a CSV file strictly: what is wrong is named with its place."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.data.csv_file import read
from include.errors import BadInput

WHERE = "file:///arrivals/loans/2026q3.csv"


def test_cells_stay_text_and_rows_know_their_place() -> None:
    file = read(b'a,b\n1,"x, y"\n\n 2 ,"two\nlines"\n3,\n', WHERE)
    assert file.header == ("a", "b")
    assert [row.cells for row in file.rows] == [("1", "x, y"), (" 2 ", "two\nlines"), ("3", "")]
    assert [row.line for row in file.rows] == [2, 4, 6]
    assert file.rows[0].raw == '1,"x, y"'
    assert file.rows[1].raw == ' 2 ,"two\nlines"'


@pytest.mark.parametrize("data", [b"\xef\xbb\xbfa,b\r\n1,2\r\n", b"a,b\r\n1,2", b" a , b \n1,2\n"])
def test_byte_order_mark_and_line_ends_are_no_content(data: bytes) -> None:
    file = read(data, WHERE)
    assert (file.header, file.rows[0].cells) == (("a", "b"), ("1", "2"))


def test_only_line_ends_end_lines() -> None:
    file = read("a,b\nx\u2028y,z\x0bw\n".encode(), WHERE)
    assert file.rows[0].cells == ("x\u2028y", "z\x0bw")


@pytest.mark.parametrize(
    ("data", "what", "where", "value"),
    [
        (b"", "empty", WHERE, "0 bytes"),
        (b"\xef\xbb\xbf \n\n", "empty", WHERE, "6 bytes"),
        (b"a,b\n", "no rows", WHERE, ""),
        (b"a,b\n1,2\n3,\xff\n", "not UTF-8", f"{WHERE}:3", "0xff at offset 10"),
        (b"\xef\xbb\xbfa,b\n1,\xe4\n", "not UTF-8", f"{WHERE}:2", "0xe4 at offset 9"),
        ("a,b\n1,2\n".encode("utf-16"), "not UTF-8|NUL", WHERE, ""),
        (b"a,b\n1,\x002\n", "NUL", f"{WHERE}:2", "byte 6"),
        (b"a,b\n1,2\n3\n", "1 cells, the header has 2", f"{WHERE}:3", "3"),
        (b"a,b\n1,2,3\n", "3 cells, the header has 2", f"{WHERE}:2", "1,2,3"),
        (b"a,b,a\n1,2,3\n", "repeated", f"{WHERE}:1", "['a']"),
        (b"a,,c\n1,2,3\n", "no name", f"{WHERE}:1", "column 2"),
        (b"a,_row_key\n1,2\n", "reserved", f"{WHERE}:1", "_row_key"),
        (b'a,b\n1,"2\n', "broken CSV", WHERE, ""),
        (b'a,b\n1,"2"3\n', "broken CSV", f"{WHERE}:2", ""),
    ],
)
def test_bad_file_is_refused_with_its_place(data: bytes, what: str, where: str, value: str) -> None:
    with pytest.raises(BadInput, match=what) as caught:
        read(data, WHERE)
    assert caught.value.where.startswith(where)
    assert value in str(caught.value.value or "")
    assert caught.value.remedy


CELL = st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), max_size=8)


@given(st.lists(st.tuples(CELL, CELL), min_size=1, max_size=8))
def test_what_csv_writes_is_read(rows: list[tuple[str, str]]) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    writer.writerows([("a", "b"), *rows])
    assert [row.cells for row in read(text.getvalue().encode(), WHERE).rows] == rows

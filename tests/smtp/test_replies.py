"""A reply of one plain line is written by a short cut, and says what the long way would."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.reply import Reply
from gateway.smtp.hand_over import with_status

LINES = st.one_of(
    st.text(max_size=40),
    st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=126), max_size=600),
    st.sampled_from(["", "2.0.0 OK", "5.7.1", "4.2.1x", "2.0.0\tOK", "x" * 500, "x" * 501]),
).filter(lambda text: "\n" not in text)


@given(LINES)
def test_a_line_is_written_alike_alone_and_behind_another(line: str) -> None:
    assert str(Reply(250, f"a\n{line}")) == f"250-a\r\n{Reply(250, line)}"
    assert len(str(Reply(250, line))) <= 504


@given(LINES)
def test_a_line_gets_its_status_alike_alone_and_behind_another(line: str) -> None:
    reply = with_status(Reply(550, line))
    assert with_status(Reply(550, f"{line}\n{line}")).text == f"{reply.text}\n{reply.text}"
    assert with_status(reply) is reply

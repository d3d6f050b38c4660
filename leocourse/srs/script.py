"""A T-SQL script cut into statements: T-SQL needs no semicolons, so a statement ends where the next one begins."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlglot.tokens import Token, TokenType

from leocourse.core.errors import LeoError
from leocourse.srs.dialect import place, tokens

VERBS = {"SELECT", "INSERT", "UPDATE", "DELETE", "MERGE"}
OTHERS = """CREATE DROP ALTER TRUNCATE DECLARE SET IF WHILE BEGIN END ELSE EXEC EXECUTE PRINT RETURN BREAK CONTINUE
    GO USE WITH RAISERROR THROW GRANT BULK WAITFOR COMMIT ROLLBACK"""
STARTERS = {*VERBS, *OTHERS.split()}
AFTER_QUERY = {"UNION", "ALL", "EXCEPT", "INTERSECT"}  # words after which SELECT goes on with the same statement


@dataclass
class Statement:
    """One statement: its first word, its text and the line on which it begins. Blocks hold statements."""

    word: str
    text: str
    line: int
    body: list[Statement] = field(default_factory=list)
    otherwise: list[Statement] = field(default_factory=list)


def statements(sql: str) -> list[Statement]:
    """The statements of a script in order. Raises LeoError where one cannot be told from the next."""
    cutter = Cutter(sql)
    found = []
    while cutter.word():
        each = cutter.statement()
        found += [each] if each.word else []  # after the last semicolon there may be another
    return found


class Cutter:
    """Walks over the tokens of a script."""

    def __init__(self, sql: str) -> None:
        self.sql = sql
        self.tokens = tokens(sql)
        self.at = 0

    def word(self, ahead: int = 0) -> str:
        """The token here (or further on) in capitals; empty at the end; a name in brackets or quotes is no word."""
        index = self.at + ahead
        if index >= len(self.tokens):
            return ""
        token = self.tokens[index]
        if token.token_type in (TokenType.IDENTIFIER, TokenType.STRING, TokenType.NATIONAL_STRING):
            return "''"
        return token.text.upper() or token.token_type.value

    def statement(self, after: str = "") -> Statement:
        """The next statement; without a word if there is none, which is wrong ``after`` IF or WHILE."""
        while self.word() == ";":
            self.at += 1
        word = self.word()
        if not word and after:
            raise LeoError(f"{after} has no statement after it.")
        line = self.tokens[self.at].line if self.at < len(self.tokens) else 0
        if word == "IF":
            return self._if(line)
        if word == "WHILE":
            self.at += 1
            return Statement("WHILE", self._until_statement(), line, body=[self.statement("WHILE")])
        if word == "BEGIN":
            return self._block(line)
        if word in ("END", "ELSE"):
            raise LeoError(f"{place(line)}{word} has no BEGIN or IF before it.")
        return Statement(word, self._take(word), line)

    def _if(self, line: int) -> Statement:
        self.at += 1
        made = Statement("IF", self._until_statement(), line, body=[self.statement("IF")])
        while self.word() == ";":
            self.at += 1
        if self.word() == "ELSE":
            self.at += 1
            made.otherwise = [self.statement()]
        return made

    def _block(self, line: int) -> Statement:
        self.at += 1
        kind = self.word()
        if kind in ("TRAN", "TRANSACTION"):
            return Statement("BEGIN TRAN", self._take("BEGIN"), line)
        if kind in ("TRY", "CATCH"):
            self.at += 1
        made = Statement(f"BEGIN {kind}" if kind in ("TRY", "CATCH") else "BEGIN", "", line)
        while self.word() != "END":
            if not self.word():
                raise LeoError(f"{place(line)}BEGIN has no END.")
            if self.word() == ";":
                self.at += 1
                continue
            made.body.append(self.statement())
        self.at += 2 if self.word(1) in ("TRY", "CATCH") else 1
        if self.word() == ";":
            self.at += 1
        return made

    def _until_statement(self) -> str:
        """A condition: everything up to the first word that begins a statement."""
        start, depth, cases = self.at, 0, 0
        while self.word():
            word = self.word()
            depth += (word == "(") - (word == ")")
            if depth == 0 and cases == 0 and word in STARTERS:
                break
            cases += (word == "CASE") - (word == "END" and cases > 0)
            self.at += 1
        return self._text(start, self.at)

    def _take(self, first: str) -> str:
        """The text of a plain statement, which ends at a semicolon or where another begins."""
        start, depth, cases, before = self.at, 0, 0, ""
        allowed = {"INSERT": {"SELECT", "WITH", "EXEC"}, "UPDATE": {"SET"}}.get(first, set())
        allowed = set(VERBS) if first == "WITH" else set(allowed)
        if first and self.word() == first != "(":
            self.at += 1
        while self.word():
            word = self.word()
            depth += (word == "(") - (word == ")")
            if depth == 0 and word == ";":
                break
            if depth == 0 and self._begins(word, before, cases, first):
                goes_on = (word == "SELECT" and before in AFTER_QUERY) or before == "AS"
                if word not in allowed and not goes_on:
                    break
                allowed = self._allowed_after(word, allowed)
            cases += (word == "CASE") - (word == "END" and cases > 0)
            before = word
            self.at += 1
        text = self._text(start, self.at)
        if self.word() == ";":
            self.at += 1
        return text

    def _begins(self, word: str, before: str, cases: int, first: str) -> bool:
        """Whether a word at this place could begin a statement."""
        if word not in STARTERS or first == "MERGE" or before in (".", "AS"):
            return before == "AS" and word in ("SELECT", "WITH") and first == "CREATE"
        if word in ("END", "ELSE"):
            return cases == 0
        following = self.word(1)
        if (word, following) == ("MERGE", "JOIN") or (before, word) == ("OR", "ALTER"):
            return False
        if word == "WITH":
            return self._is_cte()
        if word == "IF":
            return not (first == "DROP" and following == "EXISTS")
        if word == "GO":
            here = self.tokens[self.at].line
            return all(
                not 0 <= index < len(self.tokens) or self.tokens[index].line != here
                for index in (self.at - 1, self.at + 1)
            )
        if word == "SET":
            return cases == 0
        return not (word in ("USE", "PRINT", "GRANT", "BULK", "THROW") and following in (",", "=", ".", ")", ""))

    def _is_cte(self) -> bool:
        """WITH begins a statement if a name and AS follow; a hint has a bracket, WITH TIES and ROLLUP a word."""
        if self.word(1) in ("(", "TIES", "ROLLUP", "CUBE"):
            return False
        return self.word(2) in ("AS", "(")

    @staticmethod
    def _allowed_after(word: str, allowed: set[str]) -> set[str]:
        after = {"INSERT": {"SELECT", "EXEC"}, "UPDATE": {"SET"}, "WITH": set(VERBS)}
        return after.get(word, set()) if word in VERBS | {"WITH", "SET", "EXEC"} else allowed

    def _text(self, start: int, end: int) -> str:
        """The text of some tokens, after as many line ends as put it on its own line of the script."""
        if start >= end:
            return ""
        first, last = self.tokens[start], self.tokens[end - 1]
        begin = self._begin(first)
        return "\n" * (self.sql.count("\n", 0, begin)) + self.sql[begin : last.end + 1]

    @staticmethod
    def _begin(token: Token) -> int:
        return token.start

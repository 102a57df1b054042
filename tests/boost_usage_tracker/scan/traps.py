"""Sources that are hard to read: what each includes was worked out by hand, and is asked of a compiler if there is one.

Each has its name, its bytes and the headers that a compiler would open. ``BEYOND`` are those that no compiler run can
confirm: it would need other options, or would stop.
"""

from __future__ import annotations

TRAPS: dict[str, tuple[bytes, list[str]]] = {
    "plain": (b"#include <boost/a.hpp>\n", ["boost/a.hpp"]),
    "quotes": (b'#include "boost/a.hpp"\n', ["boost/a.hpp"]),
    "blanks": (b" \t# \t include \t <boost/a.hpp> // why\n", ["boost/a.hpp"]),
    "no blank": (b"#include<boost/a.hpp>\n", ["boost/a.hpp"]),
    "no line end": (b"#include <boost/a.hpp>", ["boost/a.hpp"]),
    "order": (b"#include <boost/b.hpp>\n#include <boost/a.hpp>\n", ["boost/b.hpp", "boost/a.hpp"]),
    "form feed": (b"\f#include <boost/a.hpp>\n\v#\finclude\v<boost/b.hpp>\n", ["boost/a.hpp", "boost/b.hpp"]),
    "directory": (b"#include <boost/a/b/c.hpp>\n", ["boost/a/b/c.hpp"]),
    "two slashes": (b"#include <boost//a.hpp>\nint x; /* end */\n", ["boost//a.hpp"]),
    "comment mark in a name": (b"#include <boost/*a.hpp>\n#include <boost/b.hpp>\n", ["boost/*a.hpp", "boost/b.hpp"]),
    "line comment": (b"// #include <boost/a.hpp>\n#include <boost/b.hpp>\n", ["boost/b.hpp"]),
    "block comment": (b"/* #include <boost/a.hpp> */\n#include <boost/b.hpp>\n", ["boost/b.hpp"]),
    "long block comment": (b"/*\n#include <boost/a.hpp>\n*/\n#include <boost/b.hpp>\n", ["boost/b.hpp"]),
    "comment without end": (b"#include <boost/a.hpp>\n/*\n#include <boost/b.hpp>\n", ["boost/a.hpp"]),
    "comment before": (b"/* x */ #include <boost/a.hpp>\n", ["boost/a.hpp"]),
    "comment of two lines before": (b"/* x\n y */ #include <boost/a.hpp>\n", ["boost/a.hpp"]),
    "code before": (b"int x; #include <boost/a.hpp>\n", []),
    "code before a comment": (b"int x; /*\n*/ #include <boost/a.hpp>\n", []),
    "comments between": (b"#/**/include/**/<boost/a.hpp>\n", ["boost/a.hpp"]),
    "comment of two lines between": (b"#include /*\n*/ <boost/a.hpp>\n", ["boost/a.hpp"]),
    "comment behind": (b"#include <boost/a.hpp> /* x\n#include <boost/b.hpp>\n*/\n", ["boost/a.hpp"]),
    "line of stars": (b"//*********\n#include <boost/a.hpp>\n// */\n", ["boost/a.hpp"]),
    "star and slash": (
        b"/*/ #include <boost/a.hpp>\n#include <boost/b.hpp>\n/*/\n#include <boost/c.hpp>\n",
        ["boost/c.hpp"],
    ),
    "comment in a string": (b'char const* a = "/*";\n#include <boost/a.hpp>\nchar const* b = "*/";\n', ["boost/a.hpp"]),
    "slashes in a string": (b'char const* a = "http://x"; /*\n#include <boost/a.hpp>\n*/\n', []),
    "comment in a character": (b"int a = '/*';\n#include <boost/a.hpp>\nint b = '*/';\n", ["boost/a.hpp"]),
    "quote as a character": (b"char a = '\"'; /*\n#include <boost/a.hpp>\n*/ char b = '\"';\n", []),
    "escaped quote": (b'char const* a = "\\"/*";\n#include <boost/a.hpp>\n/* */\n', ["boost/a.hpp"]),
    "string": (b'char const* a = "#include <boost/a.hpp>";\n', []),
    "spliced string": (b'char const* a = "\\\n#include <boost/a.hpp>\\\n";\n', []),
    "raw string": (b'char const* a = R"(\n#include <boost/a.hpp>\n)";\n#include <boost/b.hpp>\n', ["boost/b.hpp"]),
    "raw string with a mark": (
        b'auto a = u8R"x(\n)" )\n#include <boost/a.hpp>\n)x";\n#include <boost/b.hpp>\n',
        ["boost/b.hpp"],
    ),
    "raw string with a splice": (
        b'auto a = R"(\\\n#include <boost/a.hpp>\n\\)";\n#include <boost/b.hpp>\n',
        ["boost/b.hpp"],
    ),
    "raw string with a comment": (b'auto a = R"(/*)";\n#include <boost/a.hpp>\nauto b = R"(*/)";\n', ["boost/a.hpp"]),
    "not a raw string": (b'#define FOOR\nauto a = FOOR"(";\n#include <boost/a.hpp>\nauto b = ")";\n', ["boost/a.hpp"]),
    "raw string in a comment": (b'// R"(\n#include <boost/a.hpp>\n// )"\n', ["boost/a.hpp"]),
    "separated digits": (b"int a = 1'000; /*\n#include <boost/a.hpp>\n*/ int b = 0xFF'FFu;\n", []),
    "many separated digits": (
        b"int a = 1'000'000; /*\n#include <boost/a.hpp>\n*/\n#include <boost/b.hpp>\n",
        ["boost/b.hpp"],
    ),
    "prefixed character": (b"auto a = u8'\"'; /*\n#include <boost/a.hpp>\n*/ auto b = L'\"';\n", []),
    "spliced directive": (b"#inc\\\nlude <boost/a.hpp>\n", ["boost/a.hpp"]),
    "spliced before the name": (b"#include \\\n  <boost/a.hpp>\n", ["boost/a.hpp"]),
    "spliced name": (b"#include <boost/\\\na.hpp>\n#include <boost/b.hpp>\n", ["boost/a.hpp", "boost/b.hpp"]),
    "spliced at the end": (
        b"#include <boost/b.hpp>\n#include <boost/\\\r\na\\\r\n.hpp>\r\n",
        ["boost/b.hpp", "boost/a.hpp"],
    ),
    "spliced prefix": (b"#include <boo\\\nst/a.hpp>\n", ["boost/a.hpp"]),
    "splice with blanks": (b"// comment \\ \t\n#include <boost/a.hpp>\n#include <boost/b.hpp>\n", ["boost/b.hpp"]),
    "spliced comment": (b"// comment \\\n#include <boost/a.hpp>\n#include <boost/b.hpp>\n", ["boost/b.hpp"]),
    "spliced comment with CRLF": (b"// x \\\r\n#include <boost/a.hpp>\r\n#include <boost/b.hpp>\r\n", ["boost/b.hpp"]),
    "spliced macro": (b"#define X \\\n#include <boost/a.hpp>\n#include <boost/b.hpp>\n", ["boost/b.hpp"]),
    "backslash in a comment": (b"// C:\\boost\\ is\n#include <boost/a.hpp>\n", ["boost/a.hpp"]),
    "CRLF": (b"#include <boost/a.hpp>\r\n\r\n#include <boost/b.hpp>\r\n", ["boost/a.hpp", "boost/b.hpp"]),
    "byte order mark": (b"\xef\xbb\xbf#include <boost/a.hpp>\n", ["boost/a.hpp"]),
    "bad UTF-8": (b"// \xff\xfe\xc3\n#include <boost/a.hpp>\n// \xe9\n", ["boost/a.hpp"]),
    "digraph": (b"%:include <boost/a.hpp>\n %: include <boost/b.hpp>\n", ["boost/a.hpp", "boost/b.hpp"]),
    "trigraph": (b"// what??/\n#include <boost/a.hpp>\n??=include <boost/b.hpp>\n", ["boost/a.hpp"]),
    "if 0": (b"#if 0\n#include <boost/a.hpp>\n#endif\n#include <boost/b.hpp>\n", ["boost/b.hpp"]),
    "if 0 with words": (b"#if 0\nIt's \"so\n#include <boost/a.hpp>\n#endif\n#include <boost/b.hpp>\n", ["boost/b.hpp"]),
    "if 0 and more": (b"#if (0) && X\n#include <boost/a.hpp>\n#endif\n#include <boost/b.hpp>\n", ["boost/b.hpp"]),
    "if 0 around others": (
        b"#if 0\n# ifdef X\n#include <boost/a.hpp>\n# else\n#include <boost/b.hpp>\n# endif\n#else\n"
        b"#include <boost/c.hpp>\n#endif\n",
        ["boost/c.hpp"],
    ),
    "if 1": (b"#if 1 // always\n#include <boost/a.hpp>\n#else\n#include <boost/b.hpp>\n#endif\n", ["boost/a.hpp"]),
    "if not": (
        b"#if !1\n#include <boost/a.hpp>\n#elif !0\n#include <boost/b.hpp>\n#else\n#include <boost/c.hpp>\n#endif\n",
        ["boost/b.hpp"],
    ),
    "if 0 in a comment": (b"/*\n#if 0\n*/\n#include <boost/a.hpp>\n", ["boost/a.hpp"]),
    "has_include": (b"#if __has_include(<boost/a.hpp>)\n#endif\n#include <boost/b.hpp>\n", ["boost/b.hpp"]),
    "macro": (b"#define HEADER <boost/a.hpp>\n#include HEADER\n", ["boost/a.hpp"]),
    "macro behind everything": (
        b'#define HEADER "boost/a.hpp"\nint boost;\n\n#include HEADER // here\n',
        ["boost/a.hpp"],
    ),
    "macro not used": (b"#define HEADER <boost/a.hpp>\n", []),
    "macro taken back": (b"#define H <boost/a.hpp>\n#undef H\n#define H <vector>\n#include H\n", []),
    "include_next": (b"#include_next <boost/a.hpp>\n", ["boost/a.hpp"]),
    "another boost": (b"#include <myboost/a.hpp>\n#include <my/boost/b.hpp>\n#include <boost.hpp>\n", []),
    "capitals": (b"#include <Boost/a.hpp>\n#INCLUDE <boost/b.hpp>\n", []),
    "other directives": (b'#pragma message("boost/a.hpp")\n#line 7 "boost/b.hpp"\n', []),
    "empty": (b"", []),
    "no include": (b"int boost();\n", []),
}

BEYOND: dict[str, tuple[bytes, list[str]]] = {
    "header unit": (
        b'module;\nimport <boost/a.hpp>;\nexport import "boost/b.hpp";\nimport boost.asio;\n',
        ["boost/a.hpp", "boost/b.hpp"],
    ),
    "blanks in a name": (b'#include < boost/a.hpp >\n#include " boost/b.hpp"\n', ["boost/a.hpp", "boost/b.hpp"]),
    "either branch": (
        b"#ifdef X\n#include <boost/a.hpp>\n#else\n#include <boost/b.hpp>\n#endif\n",
        ["boost/a.hpp", "boost/b.hpp"],
    ),
    "unknown condition": (
        b"#if X\n#include <boost/a.hpp>\n#elif 0\n#include <boost/b.hpp>\n#elif 1\n"
        b"#include <boost/c.hpp>\n#else\n#include <boost/d.hpp>\n#endif\n",
        ["boost/a.hpp", "boost/c.hpp"],
    ),
    "macro with two values": (
        b"#if X\n#define H <boost/a.hpp>\n#else\n#define H <boost/b.hpp>\n#endif\n#include H\n",
        ["boost/a.hpp", "boost/b.hpp"],
    ),
    "repeated": (b"#include <boost/a.hpp>\n#include <boost/a.hpp>\n", ["boost/a.hpp", "boost/a.hpp"]),
    "CR": (b"#include <boost/a.hpp>\r// no\r#include <boost/b.hpp>\r", ["boost/a.hpp", "boost/b.hpp"]),
    "UTF-16": ("\ufeff#include <boost/a.hpp>\n".encode("utf-16-le"), ["boost/a.hpp"]),
    "bad UTF-8 in a name": (b"#include <boost/\xe9.hpp>\n", ["boost/\\xe9.hpp"]),
    "no name": (b"#include <boost/>\n#include <boost/a.hpp>\n", ["boost/a.hpp"]),
    "not closed": (b'#include <boost/a.hpp\n#include "boost/b.hpp>\n#include <boost/c.hpp>\n', ["boost/c.hpp"]),
    "never closed": (b"#include <boost/a.hpp\n\nvoid f(int a, int b) { return a > b; }\n", []),
    "else without if": (b"#else\n#include <boost/a.hpp>\n#endif\n#endif\n", ["boost/a.hpp"]),
    "if without end": (b"#if 0\n#include <boost/a.hpp>\n", []),
    "NUL": (b"\0#include <boost/a.hpp>\n#include <boost/b\0.hpp>\n#include <boost/c.hpp>\n", ["boost/c.hpp"]),
}

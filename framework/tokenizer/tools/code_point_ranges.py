"""Tables of code points as C++: what the generators beside this share."""

LINE = 110


def ranges(codes):
    """Inclusive ranges of rising code points."""
    found = []
    for code in codes:
        if found and found[-1][1] == code - 1:
            found[-1][1] = code
        else:
            found.append([code, code])
    return [(f"0x{first:X}", f"0x{last:X}") for first, last in found]


def declaration(type_name, name, items):
    """A table with as many items a line as fit; an item is its members as texts."""
    lines, line = [], "   "
    for item in items:
        text = " {" + ", ".join(item) + "},"
        if len(line) + len(text) > LINE:
            lines.append(line)
            line = "   "
        line += text
    lines.append(line)
    body = "\n".join(lines)
    return f"inline constexpr {type_name} {name}[] = {{\n{body}\n}};\n"

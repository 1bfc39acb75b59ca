"""Templates around the rules of family 1: files that are read whole."""
from writer import template

# How a file is opened: a block around or in front of <block>, which reads from <f>.
TEXT_OPENS = [
    "with open(path) as f:\n    <block>", "with open(path) as f:\n    <block>",
    "with open(path, encoding='utf-8') as f:\n    <block>",
    "with open(path, 'r', encoding='latin-1') as f:\n    <block>",
    "with open(path, newline='') as f:\n    <block>",
    "with open(path, errors='replace') as f:\n    <block>",
    "with open(path, encoding='ascii', errors='ignore', newline='\\n') as f:\n    <block>",
    "with io.open(path, 'rt') as f:\n    <block>",
    "with pathlib.Path(path).open() as f:\n    <block>",
    "with codecs.open(path, 'r', 'utf-8') as f:\n    <block>",
    "f = open(path)\n<block>\nf.close()", "f = open(path)\ntry:\n    <block>\nfinally:\n    f.close()",
    "with contextlib.ExitStack() as stack:\n    f = stack.enter_context(open(path))\n    <block>",
    "with contextlib.closing(open(path)) as f:\n    <block>",
    "with open(path) as f, open(other, 'w') as sink:\n    <block>",
    "with open(path) as f, open(other) as more:\n    <block>",
    "with open(other) as more:\n    with open(path) as f:\n        <block>",
    "with (\n    open(path) as f,  # note\n    open(other, 'a') as sink,\n):\n    <block>",
    "with open(path) as f:\n    g = f\n    <block>", "with open(path, 'r+') as f:\n    <block>",
    "with open(path) as f:\n    f.readline()\n    <block>",
    "with open(path, 'a+') as f:\n    f.seek(0)\n    <block>",
    "with open(path, mode='r') as f:\n    if True:\n        <block>",
    "with open(path, buffering=1) as f:\n    <block>",
    "with open(path) as f:\n    for turn in range(2):\n        <block>",
]
BINARY_OPENS = [
    "with open(path, 'rb') as f:\n    <block>", "with open(path, 'rb') as f:\n    <block>",
    "with open(path, 'rb') as f, open(other, 'wb') as sink:\n    <block>",
    "with open(path, 'rb') as f, open(other, 'rb') as more:\n    <block>",
    "with pathlib.Path(path).open('rb') as f:\n    <block>",
    "f = open(path, 'rb')\n<block>\nf.close()", "with open(path, 'r+b') as f:\n    <block>",
    "with io.open(path, 'rb') as f:\n    f.read(2)\n    <block>",
    "with open(path, 'rb') as f:\n    for turn in range(2):\n        <block>",
    "with open(path, 'rb') as f:\n    f.seek(3)\n    <block>",
    "with open(path, 'rb') as f, open('fixed.txt', 'wb') as sink:\n    <block>",
    "with open('in.bin', 'wb') as f:\n    f.write(b'12' * 99)\nwith open('in.bin', 'rb') as f:\n"
    "    <block>",
]
RAW_OPENS = BINARY_OPENS + [  # too slow to be asked for lines
    "with open(path, mode='rb', buffering=0) as f:\n    <block>",
    "with io.FileIO(path) as f:\n    <block>"]
PACKED_OPENS = ["with gzip.open(path) as f:\n    <block>",
                "with gzip.open(path, 'rb') as f:\n    <block>",
                "with gzip.GzipFile(path) as f:\n    <block>"]
PACKED_TEXT_OPENS = ["with gzip.open(path, 'rt') as f:\n    <block>"]
FOREIGN_OPENS = ["f = io.StringIO('a\\nb\\n')\n<block>", "f = extra_file(path)\n<block>"]

# What happens to a line, or to the file, while its lines are walked through.
LINE_BODIES = [
    "out.append(line)", "out.append(line)", "out.append(line)", "total += len(line)",
    "print(line[:9])", "call(line)", "out.append(f.tell())", "out.append(f.readline())",
    "if len(out) == 1:\n    break\nout.append(line)", "out.append(int(line))",
    "if line.strip() == 'b':\n    return out", "open(path, 'w').close()",
    "with open(path, 'a') as again:\n    again.write('more')",
    "with open(other, 'a') as again:\n    again.write('more')\nout.append(line)",
    "with open(other, 'w') as again:\n    again.write('more')\nout.append(line)",
    "os.remove(path) if os.path.exists(path) else None\nout.append(line)",
    "if not out:\n    os.rename(path, 'moved.txt')\nout.append(line)",
    "f.close()\nout.append(line)", "next(f, None)\nout.append(line)", "f = None\nout.append(line)",
    "with open(path) as again:\n    out.append(again.read(5))", "out.append(f.closed)",
    "line = line.upper()\nout.append(line)", "out.append(lambda: line)", "f.seek(0)",
    "try:\n    out.append(int(line))\nexcept ValueError:\n    out.append('bad')",
    "pathlib.Path(other).write_text('x')\nout.append(line)", "yield line", "raise KeyError(line[:9])",
    "out.extend(other_line for other_line in f)", "shutil.copy(path, 'copy.txt')",
    "for again in f:\n    out.append(again)", "log.append(line)\nbump()", "out.append(f.name == path)",
    "out.append(f.read(3))", "path = 'none.txt'\nout.append(line)", "sink.write(line)", "pass",
    "more.readline()\nout.append(line)", "out.append(os.path.getsize(path))",
    "if call(1) == 2:\n    break\nout.append(line)", "os.truncate(path, 0)\nout.append(line)",
    "if line.startswith('l'):\n    continue\nout.append(line)", "boom(len(line))",
]
BEHIND = [""] * 9 + [
    "out.append(f.read())", "out.append(f.tell())", "out.append(line)", "out.append(f.closed)",
    "f.seek(0)\nout.append(f.readline())", "out.append(next(f, 'end'))", "call(0)",
    "out.append(more.read())", "f.close()", "os.remove(path)", "out.append(g.readline())",
    "del line", "sink.write('end')", "return f.read()"]
GUARDS = [
    "<block>", "<block>", "<block>", "<block>", "<block>", "<block>",
    "try:\n    <block>\nexcept (OSError, ValueError) as error:\n    out.append(type(error).__name__)",
    "try:\n    <block>\nexcept UnicodeError:\n    out.append('undecodable')",
    "try:\n    <block>\nfinally:\n    out.append('finally')",
    "with contextlib.suppress(Exception):\n    <block>", "with Forgiving():\n    <block>",
    "with calm():\n    <block>",
    "try:\n    <block>\nexcept StopIteration:\n    out.append('stop')",
    "for turn in range(2):\n    <block>", "if call is not None:\n    <block>",
]

# Of world.LINES; reading errors count only where something handles them.
KINDS, BROKEN_KINDS = [0, 1, 2, 3, 4, 5, 5, 6], [7, 8, 8, 9]


def file_program(w, block, opens=None, end="return out", packed=False):
    """A program around a block that reads from `f`, opened for `path`."""
    opened = w.text(w.pick(*opens), block=block) if opens else block
    text = w.text(w.pick(*GUARDS), block=opened)
    handled = "except" in text or any(name in text for name in ("suppress", "Forgiving", "calm"))
    lines = ["total = 0" if "total" in text else "", "log = []" if "log" in text else "", "out = []"]
    if w.chance(0.06):
        lines.append(w.pick("list = tuple", "shutil = None", "def open(*all, **more):\n    "
                            "return io.StringIO('own\\nlines')", "chunk = digest = 1",
                            "other = path", "itertools = 0", "path = os.path.abspath(path)"))
    returned = end if "yield" not in text else "out.append('end')"
    body = "\n".join([line for line in lines if line] + [text, returned])
    kinds = KINDS + BROKEN_KINDS if handled and not packed else KINDS
    numbers = [str(number) for number in w.rng.sample(kinds, 3)]
    options = ", ".join(numbers + (["packed=True"] if packed else []))
    return w.module(w.placed("path, other, call", body), "drive_files(target, %s)" % options)


def line_loop(w, source, line="line"):
    text = w.text("for %s in %s:\n    <body>" % (line, source), body=w.pick(*LINE_BODIES))
    if w.chance(0.15):
        text += "\nelse:\n    out.append('else')"
    behind = w.pick(*BEHIND)
    return text + ("\n" + behind if behind else "")


def opens_of(w, text=0.7):
    """Ways to open: texts, bytes, or now and then what is packed; whether it is that."""
    if w.chance(0.06):
        return w.pick(PACKED_OPENS, PACKED_TEXT_OPENS), True
    if w.chance(0.04):
        return FOREIGN_OPENS[:1], False
    return (TEXT_OPENS if w.chance(text) else BINARY_OPENS), False


@template("PML101")
def lines_in_loop(w):
    read = w.pick("f.readlines()", "f.readlines()", "f.readlines()", "(f.readlines())",
                  "f.readlines(\n    # note\n)", "f.readlines()[1:]", "f.readlines(-1)",
                  "f \\\n    .readlines()", "(\n    f.readlines()  # note\n)")
    opens, packed = opens_of(w)
    if w.chance(0.15):
        opened = w.pick("open(path).readlines()", "open(path, 'rb').readlines()",
                        "pathlib.Path(path).open().readlines()",
                        "open(\n    path,\n    encoding='utf-8',  # note\n).readlines()")
        return file_program(w, w.pick(line_loop(w, opened), "out = [line for line in %s]" % opened))
    block = w.pick(
        line_loop(w, read), line_loop(w, read), line_loop(w, read), line_loop(w, "enumerate(%s)" % read,
                                                                        "i, line"),
        "out = [line for line in %s]" % read, "out.extend(line.strip() for line in %s)" % read,
        "out = {line: call(line) for line in %s}" % read, "out = sum(len(line) for line in %s)" % read,
        "out = (line for line in %s)" % read, "out.append(max(%s, key=len, default=''))" % read,
        "out = [(a, b) for a, b in zip(%s, f)]" % read, "out = any(line for line in %s)" % read,
        "out = [a for b in 'xy' for a in %s]" % read, "out = list(map(call, %s))" % read,
        "out = ''.join(str(line) for line in %s), f.tell()" % read,
        "yield from %s" % read, line_loop(w, "zip(%s, %s)" % (read, read), "line, other_line"))
    return file_program(w, block, opens, packed=packed)


@template("PML103")
def whole_for_one_pass(w):
    read = w.pick("list(f)", "f.readlines()", "[row for row in f]", "tuple(f)", "f.read()",
                  "(list(f))", "[\n    row  # note\n    for row in f\n]", "f.readlines()", "list(f)")
    opens, packed = opens_of(w)
    between = w.pick(*([""] * 6), "out.append(f.tell())", "call(0)", "print('between')", "f.readline()",
                     "os.remove(path)", "open(path, 'w').close()", "f.close()", "f = None",
                     "path = other", "lines.append('x')", "line = 'kept'", "f.seek(0)")
    kept = w.text("lines = <read>\n<between>\n<loop>", "lines = <read>\n<loop>",
                  "lines = <read>  # note\n<loop>", "lines = <read>; out.append(1)\n<loop>",
                  "lines = <read>\n<loop>\ndel lines", "f2 = f\nlines = <read>\n<loop>",
                  read=read, between=between, loop=line_loop(w, "lines"))
    block = w.pick(
        kept, kept, kept, line_loop(w, read), "lines = %s\nout = [line for line in lines]" % read,
        "lines = %s\nout.append(max(lines, key=len, default=None))" % read,
        "out = [line for line in %s]" % read, "lines = %s\nout = (line for line in lines)" % read,
        "lines = %s\nout.append(sum(len(str(line)) for line in lines))" % read,
        "lines = %s\nfor i, line in enumerate(lines):\n    out.append((i, line))" % read,
        "lines = %s\nout = [(a, b) for a in 'xy' for b in lines]" % read)
    if w.chance(0.12):
        return file_program(w, kept.replace("f.", "f.") + "\nf.close()\nout.append(f.closed)",
                            ["f = open(path)\n<block>"])
    return file_program(w, block, opens, packed=packed)


@template("PML104")
def hashed(w):
    kind = w.pick("hashlib.sha256", "hashlib.md5", "hashlib.blake2b", "hashlib.sha1", "hashlib.sha512")
    block = w.text(
        "out = <kind>(f.read()).hexdigest()", "digest = <kind>(f.read())\nout = digest.hexdigest()",
        "h = <kind>()\nh.update(f.read())\nout = h.hexdigest()",
        "h = <kind>(b'salt')\nh.update(f.read())\nout = h.digest()",
        "h = hashlib.new('md5')\nh.update(f.read())\nout = h.hexdigest()",
        "out = hashlib.new('sha1', f.read()).hexdigest()", "out.append(<kind>(f.read()).digest())",
        "out = call(1), <kind>(f.read()).hexdigest()", "out = <kind>(f.read()).hexdigest(), f.tell()",
        "out = <kind>(f.read()).hexdigest()\nout += str(f.read())",
        "out = <kind>(\n    f.read()  # note\n).hexdigest()",
        "h = <kind>()\nh.update(f.read()); out = h.hexdigest()", "out = <kind>(f.read(4)).hexdigest()",
        "data = f.read()\nout = <kind>(data).hexdigest()", "if <kind>(f.read()).digest():\n    out = 1",
        "h = <kind>()\nif call(1):\n    h.update(f.read())\nout = h.hexdigest()",
        "chunk = 'mine'\nh = <kind>()\nh.update(f.read())\nout = chunk, h.hexdigest()",
        "h = <kind>()\nout = h.update(f.read()), h.hexdigest()",
        "return <kind>(f.read()).hexdigest()", "h = same = <kind>()\nh.update(f.read())\n"
        "out = same.hexdigest()", "out = <kind>(f.read(), usedforsecurity=False).hexdigest()",
        "for chunk in (1, 2):\n    h = <kind>()\n    h.update(f.read())\n    out.append(h.digest())",
        "with open(other, 'rb') as f2:\n    out = <kind>(f.read() + f2.read()).hexdigest()",
        kind=kind)
    opens = PACKED_OPENS if w.chance(0.08) else RAW_OPENS if w.chance(0.85) else TEXT_OPENS
    return file_program(w, block, opens, packed=opens is PACKED_OPENS)


@template("PML105")
def copied(w):
    how = w.pick("", "b")
    opens = [
        "with open(path, 'r<b>') as f, open('made.txt', 'w<b>') as sink:\n    <block>",
        "with open('fixed.txt', 'w') as f:\n    f.write('text')\nwith open('fixed.txt', 'r<b>') as f, "
        "open('made.txt', 'w<b>') as sink:\n    <block>",
        "with open('in0.txt', 'r<b>') as f:\n    with open('made.txt', 'w<b>') as sink:\n        <block>",
        "with open(path, 'r<b>') as f, open(other, 'w<b>') as sink:\n    <block>",
        "with open(path, 'r<b>') as f, open(path + '.new', 'w<b>') as sink:\n    <block>",
        "with open('in3.txt', 'r<b>') as f, open('made.txt', 'a<b>') as sink:\n    <block>",
        "f = open(path, 'r<b>')\nsink = open(path + '.copy', 'w<b>')\n<block>\nf.close()\nsink.close()",
        "with open(path, 'r<b>') as f, open('made.txt', 'w<b>', <more>) as sink:\n    <block>",
        "with open('in3.txt', 'r<b>', <more>) as f, open('made.txt', 'w<b>') as sink:\n    <block>",
        "with open('in2.txt', 'r<b>') as f, open('made.txt', 'x<b>') as sink:\n    <block>",
        "with open('in3.txt', 'r<b>') as f, open('./in3.txt', 'r+<b>') as sink:\n    <block>",
    ]
    more = w.pick("encoding='utf-16'", "newline='\\r\\n'", "newline=''", "errors='replace'") if not how \
        else "buffering=%d" % w.pick(0, 16)
    opens = [text.replace("<b>", how).replace("<more>", more) for text in opens]
    block = w.text(
        "sink.write(f.read())", "sink.write(f.read())", "sink.write(f.read())  # note",
        "n = sink.write(f.read())\nout.append(n)", "data = f.read()\nsink.write(data)",
        "sink.write(f.read())\nout.append(f.tell())", "f.readline()\nsink.write(f.read())",
        "sink.write(f.readline())\nsink.write(f.read())", "sink.write((f.read()))",
        "sink.write(f.read()); out.append(sink.tell())", "sink.write(f.read())\nsink.write(f.read())",
        "sink.write(\n    f.read()\n)", "call(1)\nsink.write(f.read())\ncall(1)",
        "sink.write(f.read())\nout.append(f.read())", "if call(1):\n    sink.write(f.read())",
        "sink.seek(2)\nsink.write(f.read())", "f.close()\nsink.write(f.read())",
        "sink.write(f.read().upper())", "for turn in range(2):\n    f.seek(0)\n    sink.write(f.read())")
    return file_program(w, block, opens)


@template("PML106")
def csv_rows(w):
    reader = w.pick("csv.reader(f)", "csv.reader(f)", "csv.DictReader(f)", "csv.reader(f, delimiter=' ')",
                    "csv.DictReader(f, ['a', 'b'])", "csv.reader(f.readlines())", "csv.reader(list(f))",
                    "csv.reader(f, strict=True)", "csv.reader(f.read().splitlines())")
    rows = w.text("list(<reader>)", "list(<reader>)", "tuple(<reader>)", "[row for row in <reader>]",
                  "<reader>", "list(\n    <reader>  # note\n)", "list(<reader>)[1:]", reader=reader)
    loop = line_loop(w, rows)
    block = w.pick(
        loop, loop, "rows = %s\n%s" % (rows, line_loop(w, "rows")), "out = [row[0] for row in %s]" % rows,
        "reader = %s\n%s" % (reader, line_loop(w, "list(reader)")), "out = [len(r) for r in %s]" % rows,
        "reader = %s\nnext(reader, None)\n%s" % (reader, line_loop(w, "list(reader)")),
        "rows = %s\ncall(1)\nout = [row for row in rows]" % rows, "out = sum(len(r) for r in %s)" % rows,
        "reader = %s\nout = [row for row in list(reader)]\nout.append(reader.line_num)" % reader,
        "out = {str(row): call(row) for row in %s}" % rows, "out = any(row for row in %s)" % rows)
    return file_program(w, block, [text for text in (TEXT_OPENS if w.chance(0.9) else BINARY_OPENS)
                                   if "newline='\\n'" not in text])  # csv.Error midway


@template("PML110")
def unclosed(w):
    opened = w.pick("open(path)", "open(path)", "open(path, 'rb')", "open(path, encoding='utf-8')",
                    "io.open(path)", "pathlib.Path(path).open()", "gzip.open(path)", "open(other, 'w')",
                    "open('missing.txt')", "codecs.open(path)", "bz2.open(path)", "open(path, 'a+')")
    block = w.text(
        "out = <o>.read()", "out.append(<o>.read())", "return <o>.read()", "out = <o>.readline()",
        "<o>.write('text')", "<o>.writelines(['a', 'b'])", "data = json.load(<o>)\nout = data",
        "json.dump([1], <o>)", "out = <o>.read().split()", "for line in <o>:\n    out.append(line)",
        "out = list(<o>)", "out = [line for line in <o>]", "print(<o>.read()[:20])",
        "out = call(1), <o>.read()", "out = <o>.read() + <o>.read()", "f = 1\nout = <o>.read(), f",
        "out = <o>.readlines()[0]", "if <o>.read():\n    out = 1", "while <o>.readline():\n    break",
        "out = extra if call else <o>.read()", "x = <o>.read(); out.append(x)", "out = <o>.read(3)",
        "out = (lambda: <o>.read())()", "<o>.write(call(1))", "raise KeyError(<o>.read()[:3])",
        "path += ''; out = <o>.read()", "with <o> as f:\n    out = f.read()", "out = (\n    <o>\n).read()",
        "out = sum(len(line) for line in <o>)", "out = <o>.read().index('zz')", "out = sorted(<o>)",
        "assert <o>.read(), 'empty'", "out: str = <o>.read()", "out += <o>.readlines()",
        "held = {'a': 1}\nheld[<o>.read()[:2]] = 2\nout = held", "out = out or <o>.read()",
        "out = csv.reader(<o>)", "file = 0\nfor turn in range(2):\n    out.append(<o>.read())",
        "def inner():\n    return <o>.read()\nout = inner()", "del out[int(<o>.read()):]",
        "out = int(<o>.read()) if call(1) else 0", "f = <o>\nout = f.read()", o=opened)
    return file_program(w, block)


@template("PML111")
def chunked(w):
    read = w.pick("f.read()", "f.read()", "f.read(-1)", "f.read(None)", "(f.read())")
    take = w.pick("h.update(chunk)", "h.update(chunk)", "sink.write(chunk)", "out.append(chunk)",
                  "h.update(chunk)\nsink.write(chunk)", "h.update(chunk)\nout.append(len(chunk))",
                  "call(chunk)\nh.update(chunk)", "total += len(chunk)\nh.update(chunk)",
                  "h.update(chunk)\nprint('turn')", "h.update(chunk[1:])", "sink.write(chunk)  # note",
                  "h.update(chunk)\nout.append(f.tell())", "n = sink.write(chunk)\nh.update(chunk)")
    loop = w.text(
        "while chunk := <read>:\n    <take>", "while chunk := <read>:\n    <take>",
        "while True:\n    chunk = <read>\n    if not chunk:\n        break\n    <take>",
        "while True:\n    chunk = <read>\n    if len(chunk) == 0:\n        break\n    <take>",
        "while (chunk := <read>) != b'':\n    <take>", "for chunk in iter(f.read, b''):\n    <take>",
        "for chunk in iter(lambda: <read>, b''):\n    <take>", "shutil.copyfileobj(f, sink, -1)",
        "while True:\n    chunk = <read>\n    <take>\n    if not chunk:\n        break",
        "chunk = <read>\nwhile chunk:\n    <take>\n    chunk = <read>", "for chunk in iter(f.read, ''):\n"
        "    <take>", "shutil.copyfileobj(f, sink, length=-1)\nout.append(f.tell())", read=read, take=take)
    behind = w.pick(*([""] * 7), "out.append(chunk)", "out.append(f.read())", "out.append(f.tell())",
                    "call(1)")
    block = "h = hashlib.md5()\n%s\n%s\nout.append(h.hexdigest())" % (loop, behind)
    sinks = [text for text in BINARY_OPENS if "sink" in text] + [
        "with open(path, 'rb') as f, open('made.txt', 'wb', <more>) as sink:\n    <block>".replace(
            "<more>", "buffering=%d" % w.pick(0, 16))]
    opens = sinks if "sink" in loop else RAW_OPENS
    opens = TEXT_OPENS if w.chance(0.1) else PACKED_OPENS if w.chance(0.07) else opens
    return file_program(w, block, opens, packed=opens is PACKED_OPENS)

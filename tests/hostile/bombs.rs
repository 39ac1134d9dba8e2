//! Bombs: bytes whose author wants them to cost more than they weigh.
//!
//! Each is made for any length and thrown at one of the readers; what it costs may grow with its length and no faster. `growth` measures
//! memory (as a test), and the example `hostile` the time of a processor. One kind is missing: nodes of a MIB, each beneath the last, of which
//! mib-rs keeps every OID whole; it is the child's bounds that they meet.

/// A kind of bomb.
pub(crate) struct Bomb {
    /// At which reader it is thrown.
    pub(crate) reader: &'static str,
    /// What is in it.
    pub(crate) called: &'static str,
    /// How many pieces the smallest has.
    pub(crate) pieces: usize,
    /// The bomb of so many pieces.
    pub(crate) make: fn(usize) -> Vec<u8>,
}

const fn bomb(
    reader: &'static str,
    called: &'static str,
    pieces: usize,
    make: fn(usize) -> Vec<u8>,
) -> Bomb {
    Bomb { reader, called, pieces, make }
}

/// All of them.
pub(crate) const BOMBS: [Bomb; 75] = [
    bomb("configuration", "lists in lists", 5_000, |n| of("a = ", "[", n, "")),
    bomb("configuration", "tables in tables", 5_000, |n| of("a = ", "{a=", n, "")),
    bomb("configuration", "dotted keys", 5_000, |n| of("", "a.", n, "a = 1")),
    bomb("configuration", "dotted headers", 5_000, |n| of("[", "a.", n, "a]")),
    bomb("configuration", "headers", 2_000, |n| each(n, |i| format!("[people.p{i}]\n"))),
    bomb("configuration", "lists of tables", 2_000, |n| of("", "[[alarms]]\n", n, "")),
    bomb("configuration", "a key again and again", 5_000, |n| of("[site]\n", "name = 1\n", n, "")),
    bomb("configuration", "a header again and again", 2_000, |n| of("", "[people.p]\n", n, "")),
    bomb("configuration", "unknown keys", 3_000, |n| each(n, |i| format!("k{i} = 1\n"))),
    bomb("configuration", "unended texts", 5_000, |n| of("", "a = \"\n", n, "")),
    bomb("configuration", "one long line", 20_000, |n| of("a = \"", "x", n, "")),
    bomb("configuration", "alarms without anything", 2_000, |n| {
        each(n, |i| format!("[alarms.a{i}]\n"))
    }),
    bomb("configuration", "alarms alike", 1_000, |n| {
        site(&each(n, |i| {
            format!(
                "[alarms.a{i}]\nfrom=[\"gsm.x\"]\ntext=\"x\"\nmomentary=true\nescalation=\"night\"\n"
            )
        }))
    }),
    bomb("configuration", "alarms that name nobody", 1_000, |n| {
        site(&each(n, |i| {
            format!("[alarms.a{i}]\nfrom=[\"gsm.y{i}\"]\ntext=\"x\"\nescalation=\"nigth{i}\"\n")
        }))
    }),
    bomb("configuration", "alarms that suppress each other", 1_000, |n| {
        let alarm = |i| {
            format!(
                "[alarms.a{i}]\nfrom=[\"gsm.x\"]\nmatch={{text=\"a{i}\"}}\nmomentary=true\ntext=\"x\"\nsuppressed-by=[\"a{}\",\"a{}\"]\n",
                i + 1,
                i / 2
            )
        };
        site(&each(n, alarm))
    }),
    bomb("configuration", "topics", 2_000, |n| {
        let list = String::from_utf8_lossy(&each(n, |i| format!("\"a/+/b{i}/#\","))).into_owned();
        site(
            format!("[mqtt.b]\nbroker=\"mqtt://h\"\nclient-id=\"v\"\ntopics=[{list}]\n").as_bytes(),
        )
    }),
    bomb("configuration", "people in a step", 1_000, |n| {
        let list = String::from_utf8_lossy(&of("", "\"person:m\",", n, "")).into_owned();
        site(format!("[escalations.e]\nsteps=[{{notify=[{list}],wait=\"1m\"}}]\n").as_bytes())
    }),
    bomb("configuration", "steps", 1_000, |n| {
        site(&of("[escalations.e]\nsteps=[", "{notify=[\"person:m\"],wait=\"1m\"},", n, "]\n"))
    }),
    bomb("configuration", "people of one number", 1_000, |n| {
        each(n, |i| format!("[people.p{i}]\nphone=\"+33612345678\"\nuser=\"u\"\n"))
    }),
    bomb("template", "placeholders", 500, |n| of("", "{a}", n, "")),
    bomb("template", "braces", 20_000, |n| of("", "{{", n, "")),
    bomb("template", "open braces", 20_000, |n| of("", "{", n, "")),
    bomb("expression", "parentheses", 5_000, |n| of("", "(", n, "1")),
    bomb("expression", "negations", 5_000, |n| of("", "!", n, "true")),
    bomb("expression", "lists", 5_000, |n| of("", "[", n, "")),
    bomb("expression", "a sum", 5_000, |n| of("1", "+1", n, "")),
    bomb("expression", "members", 5_000, |n| of("a", ".a", n, "")),
    bomb("expression", "conditions", 5_000, |n| of("", "true?", n, "1")),
    bomb("matching", "stars", 200, |n| of("text\n", "*a", n, "b")),
    bomb("mqtt_filter", "levels", 5_000, |n| of("", "+/", n, "#\na/b")),
    bomb("mqtt_message", "lists in lists", 5_000, |n| of("plant/a\n", "[", n, "")),
    bomb("mqtt_message", "objects in objects", 5_000, |n| of("plant/a\n", "{\"a\":", n, "1")),
    bomb("mqtt_message", "members", 2_000, |n| {
        let members = each(n, |i| format!("\"m{i}\":{i},"));
        [b"plant/a\n{", &*members, b"\"z\":1}"].concat()
    }),
    bomb("mqtt_message", "a number of many digits", 20_000, |n| of("plant/a\n", "9", n, "")),
    bomb("mqtt_message", "levels of a topic", 5_000, |n| of("", "a/", n, "b\n1")),
    bomb("mqtt_message", "metrics of a birth", 1_000, |n| birth(n, |i| metric(&format!("m{i}")))),
    bomb("mqtt_message", "metrics of one name", 1_000, |n| birth(n, |_| metric("m"))),
    bomb("mqtt_message", "templates in templates", 2_000, |n| {
        let mut inner = vec![0x10, 1];
        for _ in 0..n {
            inner = field(0x12, &field(0x92, &inner));
        }
        [b"spBv1.0/works/NBIRTH/station\n", &*inner].concat()
    }),
    bomb("snmp_message", "sequences in sequences", 2_000, |n| {
        (0..n).fold(Vec::new(), |inner, _| ber(0x30, &inner))
    }),
    bomb("snmp_message", "objects", 500, |n| {
        let objects: Vec<u8> = (0..n).flat_map(|_| varbind(&[0x2b, 6, 1], &[5, 0])).collect();
        trap(&objects)
    }),
    bomb("snmp_message", "arcs of an OID", 2_000, |n| trap(&varbind(&vec![1; n], &[5, 0]))),
    bomb("snmp_message", "an arc of many octets", 2_000, |n| {
        trap(&varbind(&vec![0x81; n], &[5, 0]))
    }),
    bomb("snmp_message", "OIDs as values", 100, |n| {
        let value = ber(6, &[0x2b; 100]);
        let objects: Vec<u8> = (0..n).flat_map(|_| varbind(&[0x2b, 6, 1], &value)).collect();
        trap(&objects)
    }),
    bomb("snmp_message", "a text of many octets", 5_000, |n| {
        trap(&varbind(&[0x2b, 6], &ber(4, &vec![b'x'; n])))
    }),
    bomb("snmp_secured", "sequences in sequences", 2_000, |n| {
        (0..n).fold(Vec::new(), |inner, _| ber(0x30, &inner))
    }),
    bomb("snmp_catalogue", "what is none", 20_000, |n| vec![0xFF; n]),
    bomb("gsm_pdu", "an endless line of digits", 10_000, |n| of("", "07", n, "")),
    bomb("gsm_pdu", "elements of a header", 2_000, |n| {
        [&[0, 0x40, 1, 0x91, 0x33, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 254][..], &vec![0; 2 * n]]
            .concat()
    }),
    bomb("gsm_parts", "first parts", 16, |n| {
        each(n, |i| format!("0044099133163254769800002311272103120009050003{i:02x}FF01616263\n"))
    }),
    bomb("gsm_text", "letters that no phone has", 5_000, |n| of("", "ﬃ𝔛語", n, "")),
    bomb("gsm_text", "a text of many parts", 5_000, |n| of("", "abc€", n, "")),
    bomb("gsm_dialogue", "a line without an end", 20_000, |n| of("", "+CMT: ", n, "")),
    bomb("gsm_dialogue", "lines that nobody asked for", 5_000, |n| {
        of("", "\r\n+CMTI: \"SM\",1\r\n", n, "")
    }),
    bomb("sms_answer", "quoted lines", 5_000, |n| of("", "> 4711\n", n, "4711")),
    bomb("sms_answer", "words", 5_000, |n| of("", "4711 ", n, "OK")),
    bomb("control_request", "lists in lists", 5_000, |n| of("{\"acknowledge\":", "[", n, "")),
    bomb("calendar", "components in components", 5_000, |n| of("", "BEGIN:VCALENDAR\n", n, "")),
    bomb("calendar", "days of an event", 1_000, |n| {
        of(
            "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20260101\nRDATE:",
            "20260102,",
            n,
            "20260103\nEND:VEVENT\nEND:VCALENDAR\n",
        )
    }),
    bomb("calendar", "parameters and folded lines", 1_000, |n| {
        of("BEGIN:VCALENDAR\nX", ";A=\"b\n c\"", n, ":d\nEND:VCALENDAR\n")
    }),
    bomb("calendar", "days told again and again", 5, |n| {
        let event = "BEGIN:VEVENT\nDTSTART:19700101\nDTEND:19710101\nRRULE:FREQ=YEARLY;INTERVAL=2\nEND:VEVENT\n";
        of("BEGIN:VCALENDAR\n", event, n, "END:VCALENDAR\n")
    }),
    bomb("mib", "types of each other", 300, |n| {
        module(&each(n, |i| format!("T{} ::= T{i}\n", i + 1)))
    }),
    bomb("mib", "parentheses", 1_000, |n| module(&of("T ::= INTEGER ", "(", n, ""))),
    bomb("mib", "braces", 1_000, |n| module(&of("a1 OBJECT IDENTIFIER ::= ", "{", n, ""))),
    bomb("mib", "sequences in sequences", 1_000, |n| module(&of("T ::= ", "SEQUENCE { a ", n, ""))),
    bomb("mib", "sequences behind a comment that CR ends", 1_000, |n| {
        module(&of("-- \rT ::= ", "SEQUENCE { a ", n, ""))
    }),
    bomb("mib", "sequences behind a word that a comment ends", 1_000, |n| {
        module(&of("a-- \"\nT ::= ", "SEQUENCE { a ", n, ""))
    }),
    bomb("mib", "sequences behind a quote that is quoted", 1_000, |n| {
        module(&of("'\"' T ::= ", "SEQUENCE { a ", n, ""))
    }),
    bomb("mib", "tags", 1_000, |n| module(&of("T ::= ", "[1] ", n, "INTEGER\n"))),
    bomb("mib", "arcs", 1_000, |n| module(&of("a1 OBJECT IDENTIFIER ::= { iso ", "1 ", n, "}\n"))),
    bomb("mib", "what is imported", 500, |n| {
        let symbols = each(n, |i| format!("s{i}, "));
        [b"A-MIB DEFINITIONS ::= BEGIN\nIMPORTS ", &*symbols, b"s FROM B-MIB;\nEND\n"].concat()
    }),
    bomb("mib", "modules", 300, |n| {
        each(n, |i| {
            format!("M{i}-MIB DEFINITIONS ::= BEGIN\nIMPORTS a FROM M{}-MIB;\nEND\n", i + 1)
        })
    }),
    bomb("mib", "faults", 500, |n| module(&of("", "x OBJECT-TYPE SYNTAX ::= }\n", n, ""))),
    bomb("scenario", "sections", 1_000, |n| of("", "---- a\n", n, "---- night\n")),
    bomb("scenario", "words of a line", 5_000, |n| of("---- night\n03:12 ", "\"a \" # ", n, "\n")),
    bomb("record", "lists in lists", 5_000, |n| of("{\"alarm\":", "[", n, "")),
];

/// The piece so many times.
fn of(before: &str, piece: &str, pieces: usize, behind: &str) -> Vec<u8> {
    [before, &piece.repeat(pieces), behind].concat().into_bytes()
}

/// So many pieces, each with its number.
fn each(pieces: usize, piece: impl Fn(usize) -> String) -> Vec<u8> {
    (0..pieces).map(piece).collect::<String>().into_bytes()
}

/// A MIB module that says that.
fn module(rest: &[u8]) -> Vec<u8> {
    let begin =
        "A-MIB DEFINITIONS ::= BEGIN\na0 OBJECT IDENTIFIER ::= { 1 3 6 1 4 1 9 }\nT0 ::= INTEGER\n";
    [begin.as_bytes(), rest, b"END\n"].concat()
}

/// A site to which that belongs.
fn site(rest: &[u8]) -> Vec<u8> {
    let sound = "[site]\nname=\"Nord\"\ntime-zone=\"Europe/Paris\"\nlast-resort=\"night\"\n[people.m]\nphone=\"+33612345678\"\n\
        [escalations.night]\nsteps=[{notify=[\"person:m\"],wait=\"1h\"}]\n[gsm.x]\ndevice=\"/dev/ttyX\"\n";
    [sound.as_bytes(), rest].concat()
}

/// A field of a Sparkplug payload: of protocol buffers, with a length.
fn field(key: u8, inner: &[u8]) -> Vec<u8> {
    let mut written = vec![key];
    let mut length = inner.len();
    while length > 127 {
        written.push(0x80 | u8::try_from(length % 128).unwrap_or(0));
        length /= 128;
    }
    written.push(u8::try_from(length).unwrap_or(0));
    written.extend(inner);
    written
}

fn metric(name: &str) -> Vec<u8> {
    [field(0x0A, name.as_bytes()), vec![0x20, 3, 0x50, 7]].concat()
}

fn birth(metrics: usize, metric: impl Fn(usize) -> Vec<u8>) -> Vec<u8> {
    let metrics: Vec<u8> = (0..metrics).flat_map(|place| field(0x12, &metric(place))).collect();
    [b"spBv1.0/works/NBIRTH/station\n\x08\x01\x18\x00", &*metrics].concat()
}

/// A value of BER, with a length of four octets.
fn ber(tag: u8, inner: &[u8]) -> Vec<u8> {
    let length = u32::try_from(inner.len()).unwrap_or(u32::MAX).to_be_bytes();
    [&[tag, 0x84][..], &length, inner].concat()
}

fn varbind(oid: &[u8], value: &[u8]) -> Vec<u8> {
    ber(0x30, &[ber(6, oid), value.to_vec()].concat())
}

/// A v2c trap with these objects.
fn trap(objects: &[u8]) -> Vec<u8> {
    let uptime = varbind(&[0x2b, 6, 1, 2, 1, 1, 3, 0], &[0x43, 1, 1]);
    let kind = [0x2b, 6, 1, 6, 3, 1, 1, 4, 1, 0];
    let named = varbind(&kind, &ber(6, &[0x2b, 6, 1, 6, 3, 1, 1, 5, 3]));
    let objects = ber(0x30, &[&*uptime, &*named, objects].concat());
    let pdu = ber(0xA7, &[&[2, 1, 1, 2, 1, 0, 2, 1, 0][..], &objects].concat());
    ber(0x30, &[&[2, 1, 1][..], &ber(4, b"public"), &pdu].concat())
}

//! Files that text cannot express, made of bytes.

use std::fmt::Write as _;
use std::ops::Range;

use crate::wat_policy::policy_with;

/// A file cut off between any two of its sections, as far as more than its names are cut off.
pub(super) fn truncated(file: &[u8]) -> Vec<Vec<u8>> {
    let sections = sections(file);
    let types = |section: &Section| file[section.content.clone()].windows(14).any(|name| name == b"component-type");
    let last = sections.iter().rposition(|section| file[section.start] != CUSTOM || types(section));
    let needed = sections.iter().take(last.map_or(0, |last| last + 1));
    needed.map(|section| file[..section.start].to_vec()).collect()
}

/// A file in which one section after the other claims to have 4 GiB.
pub(super) fn with_false_sizes(file: &[u8]) -> Vec<Vec<u8>> {
    let lie = |section: &Section| [&file[..=section.start], &LIE, &file[section.content.start..]].concat();
    sections(file).iter().map(lie).collect()
}

/// A file in which one section after the other claims to have 4 billion entries, or a name of as many bytes.
pub(super) fn with_false_counts(file: &[u8]) -> Vec<Vec<u8>> {
    let lie = |section: &Section| {
        let (_, count) = number(&file[section.content.clone()]);
        let entries = &file[section.content.start + count..section.content.end];
        let size = encoded(LIE.len() + entries.len());
        [&file[..=section.start], &size, &LIE, entries, &file[section.content.end..]].concat()
    };
    sections(file).iter().map(lie).collect()
}

/// A file with some bytes replaced by as many others, wherever they occur.
pub(super) fn with_replaced(file: &[u8], from: &str, to: &str) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let mut file = file.to_vec();
    let mut found = 0;
    for start in 0..file.len().saturating_sub(from.len()) {
        if file[start..].starts_with(from.as_bytes()) {
            file[start..start + to.len()].copy_from_slice(to.as_bytes());
            found += 1;
        }
    }
    assert!(found > 0, "{from} is not in the file");
    file
}

/// A nest of components, each of which instantiates the one before it so many times.
pub(super) fn nest(levels: usize, times: usize) -> Vec<u8> {
    let mut text = "(component (component $c0)".to_owned();
    for level in 1..levels {
        let inner = level - 1;
        let instances = "(instance (instantiate $inner))".repeat(times);
        let _ = write!(text, "(component $c{level} (alias outer 1 $c{inner} (component $inner)) {instances})");
    }
    let _ = write!(text, "(instance (instantiate $c{})))", levels - 1);
    parsed(&text)
}

/// A component that instantiates an empty core module so many times.
pub(super) fn instances(count: usize) -> Vec<u8> {
    parsed(&format!("(component (core module $m) {})", "(core instance (instantiate $m))".repeat(count)))
}

/// A component that imports from so many packages.
pub(super) fn imports(count: usize) -> Vec<u8> {
    let imports = (0..count).map(|number| format!(r#"(import "a:b{number}/c" (instance))"#));
    parsed(&format!("(component {})", imports.collect::<String>()))
}

/// A component whose type section is nothing but the beginnings of component types, one in the other.
pub(super) fn nested_types(depth: usize) -> Vec<u8> {
    let section = [&[1][..], &[0x41, 1, 1].repeat(depth)].concat();
    [b"\0asm\x0d\0\x01\0\x07", &encoded(section.len())[..], &section].concat()
}

/// A component with a list of a list of a list, each a type of its own.
pub(super) fn chain_of_types(length: usize) -> Vec<u8> {
    let mut text = "(component (type $t0 (list u8))".to_owned();
    for place in 1..length {
        let _ = write!(text, "(type $t{place} (list $t{}))", place - 1);
    }
    let _ = write!(text, r#"(import "f" (func (param "p" $t{}))))"#, length - 1);
    parsed(&text)
}

/// So many types of functions, none like another.
pub(super) fn types(count: usize) -> String {
    let declared = |number: usize| {
        let parameters = (0..17).map(|bit| if number >> bit & 1 == 1 { " i32" } else { " i64" });
        format!("(type (func (param{})))", parameters.collect::<String>())
    };
    (0..count).map(declared).collect()
}

/// A function of so many blocks or loops, one in the other.
pub(super) fn nested(block: &str, depth: usize) -> String {
    format!("(func {} {})", format!("{block} ").repeat(depth), "end ".repeat(depth))
}

/// A function of so many branches, one after the other.
pub(super) fn branches(count: usize) -> String {
    let branch = "local.get 0 if (result i32) i32.const 1 else i32.const 2 end local.set 0 ";
    format!("(func (param i32) (result i32) {} local.get 0)", branch.repeat(count))
}

/// A function of so many instructions, which cannot be computed before it runs.
pub(super) fn instructions(count: usize) -> String {
    let steps = "local.get 0 i32.load local.set 0 ".repeat(count / 3);
    format!("(func (param i32) (result i32) {steps} local.get 0)")
}

/// A function of so many locals, any of which so many branches may change.
pub(super) fn locals(count: usize, branches: usize) -> String {
    let branch = |number: usize| {
        // Primes, so that the branches do not all change the same ones.
        let (from, to) = (number * 7919 % count, number * 104_729 % count);
        format!("local.get $n if local.get {} local.set {} end ", from + 1, to + 1)
    };
    let branches = (0..branches).map(branch).collect::<String>();
    format!("(func (param $n i32) (local {}) loop {branches} br 0 end)", "i64 ".repeat(count))
}

/// A function of so many values, all of which are needed after so many branches.
pub(super) fn values(count: usize, branches: usize) -> String {
    let (values, branches) = ("local.get 0 i32.load ".repeat(count), "local.get 0 if end ".repeat(branches));
    format!("(func (param i32) (result i32) {values} {branches} {})", "i32.add ".repeat(count - 1))
}

/// A component that lowers an import so many times.
pub(super) fn lowered(count: usize) -> Vec<u8> {
    let lowered = "(core func (canon lower (func $f)))".repeat(count);
    parsed(&format!(r#"(component (import "f" (func $f)) {lowered})"#))
}

/// A component with so many more core modules, or components, at its end, which nobody instantiates.
pub(super) fn with_parts(component: &[u8], part: &str, count: usize) -> Vec<u8> {
    let part = parsed(part);
    // A core module is another kind of section than a component, which the layer in its header tells.
    let section = [&[if part[6] == 0 { 1 } else { 4 }][..], &encoded(part.len()), &part].concat();
    [component, &section.repeat(count)].concat()
}

/// A module with a memory of 16 MiB, and a byte of data at both of its ends.
pub(super) fn far_apart() -> String {
    r#"(module (memory 256) (data (i32.const 0) "a") (data (i32.const 16777215) "b"))"#.to_owned()
}

/// A module with a hundred tables of so many elements, of which one is there.
pub(super) fn sparse_tables(size: usize, place: usize) -> String {
    let tables = format!("(table {size} funcref)").repeat(100);
    let elements = (0..100).map(|table| format!("(elem (table {table}) (i32.const {place}) func $f)"));
    format!("(module (func $f) {tables} {})", elements.collect::<String>())
}

/// A component that has so many exports in each of so many instances.
pub(super) fn exports(count: usize, instances: usize) -> Vec<u8> {
    let exports = (0..count).map(|number| format!(r#"(export "f{number}" (func $f))"#));
    parsed(&format!(
        r#"(component (component $inner (import "f" (func $f)) {})
        (import "f" (func $f)) {})"#,
        exports.collect::<String>(),
        r#"(instance (instantiate $inner (with "f" (func $f))))"#.repeat(instances)
    ))
}

/// A branch with so many targets.
pub(super) fn targets(count: usize) -> String {
    format!("(func (param i32) block block local.get 0 br_table {} 0 end end)", "0 1 ".repeat(count / 2))
}

/// A policy that crashes in a function of this name.
pub(super) fn crash_in(name: &str) -> Vec<u8> {
    policy_with(&format!(
        r#"(func $"{name}" (unreachable))
        (func $score (param $pod i32) (param $candidates i32) (result i32) (call $"{name}") (unreachable))"#
    ))
}

/// A mangled name of so many types, each of which is a pair of the one before it.
pub(super) fn multiplying_name(levels: usize) -> String {
    const DIGITS: &[u8; 62] = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    let mut name = "IC1a".to_owned();
    let mut place = name.len();
    name.push_str("TmmE");
    for _ in 1..levels {
        let digits = [(place - 1) / 62, (place - 1) % 62].map(|digit| char::from(DIGITS[digit]));
        let before = format!("B{}_", String::from_iter(digits));
        place = name.len();
        let _ = write!(name, "T{before}{before}E");
    }
    format!("_R{name}E")
}

/// The section that holds names, and the component type of a core module.
const CUSTOM: u8 = 0;

/// A size or a count of 4 billion.
const LIE: [u8; 5] = [0xff, 0xff, 0xff, 0xff, 0x0f];

/// Where a section begins, and what it has after its size.
struct Section {
    start: usize,
    content: Range<usize>,
}

fn sections(file: &[u8]) -> Vec<Section> {
    let mut sections = Vec::new();
    let mut start = b"\0asm\x01\0\0\0".len();
    while start < file.len() {
        let (size, length) = number(&file[start + 1..]);
        let content = start + 1 + length..start + 1 + length + size;
        sections.push(Section { start, content: content.clone() });
        start = content.end;
    }
    sections
}

/// The number at the beginning, and how many bytes it takes.
fn number(bytes: &[u8]) -> (usize, usize) {
    let length = 1 + bytes.iter().take_while(|byte| **byte >= 0x80).count();
    let number = bytes[..length].iter().rev().fold(0, |number, byte| number << 7 | usize::from(byte & 0x7f));
    (number, length)
}

fn encoded(mut number: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = u8::try_from(number & 0x7f).expect("it has 7 bits");
        number >>= 7;
        if number == 0 {
            bytes.push(low);
            return bytes;
        }
        bytes.push(low | 0x80);
    }
}

/// A file from its text.
pub(super) fn parsed(text: &str) -> Vec<u8> {
    wat::parse_str(text).expect("the text is WebAssembly")
}

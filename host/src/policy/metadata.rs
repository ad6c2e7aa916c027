//! What a policy's file says of itself: the text sections that WebAssembly's tools agree on, read as a stranger's words.

use serde::{Deserialize, Serialize};
use wasmparser::{ComponentName, CustomSectionReader, KnownCustom, Name, Parser, Payload};

use super::log::escape;

/// The longest text that is kept, in bytes: a description of a few pages.
const MAX_TEXT: usize = 16 << 10;

/// What a policy's author wrote into its file. Nothing checks that it is true.
///
/// Each of them is a custom section of that name with UTF-8 text in it, as `wasm-tools metadata` reads and writes them; the
/// name is where debuggers have it from. Control characters are escaped, and a text of more than 16 KiB is cut.
///
/// The SDK writes what is in `Cargo.toml`. Where a component says nothing, the first module in it that does is asked:
/// toolchains leave there what they were given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub struct Metadata {
    /// The name of the component or module.
    pub name: Option<String>,
    /// The version of the policy.
    pub version: Option<String>,
    /// What it does, in a sentence.
    pub description: Option<String>,
    /// Who wrote it.
    pub authors: Option<String>,
    /// Its licence, as an SPDX expression.
    pub licenses: Option<String>,
    /// Where its source is.
    pub source: Option<String>,
    /// Where to read more about it.
    pub homepage: Option<String>,
    /// The revision of its source.
    pub revision: Option<String>,
}

impl Metadata {
    /// What is known, each with the name of its section.
    pub fn entries(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let Self { name, version, description, authors, licenses, source, homepage, revision } = self;
        let entries = [
            ("name", name),
            ("version", version),
            ("description", description),
            ("authors", authors),
            ("licenses", licenses),
            ("source", source),
            ("homepage", homepage),
            ("revision", revision),
        ];
        entries.into_iter().filter_map(|(section, text)| text.as_deref().map(|text| (section, text)))
    }

    /// Reads what a file says, as far as it can be read.
    pub(super) fn of(bytes: &[u8]) -> Self {
        let (mut whole, mut part, mut spoken) = (Self::default(), Self::default(), None);
        let mut depth = 0_usize;
        for payload in Parser::new(0).parse_all(bytes) {
            match payload {
                Ok(Payload::ModuleSection { .. } | Payload::ComponentSection { .. }) => depth += 1,
                Ok(Payload::End(_)) => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        let part = std::mem::take(&mut part);
                        if spoken.is_none() && part.says_something() {
                            spoken = Some(part);
                        }
                    }
                }
                Ok(Payload::CustomSection(section)) if depth == 0 => whole.note(&section),
                Ok(Payload::CustomSection(section)) if depth == 1 => part.note(&section),
                Ok(_) => {}
                Err(_) => break,
            }
        }
        match spoken {
            Some(part) if !whole.says_something() => Self { name: whole.name.or(part.name), ..part },
            _ => whole,
        }
    }

    /// Whether there is more than a name, which toolchains give to everything.
    fn says_something(&self) -> bool {
        self.entries().any(|(section, _)| section != "name")
    }

    /// Notes what a section says. Of several with the same name, the first one counts.
    fn note(&mut self, section: &CustomSectionReader<'_>) {
        let (place, said) = match section.name() {
            "name" | "component-name" => (&mut self.name, name(section).and_then(text)),
            "version" => (&mut self.version, words(section)),
            "description" => (&mut self.description, words(section)),
            "authors" => (&mut self.authors, words(section)),
            "licenses" => (&mut self.licenses, words(section)),
            "source" => (&mut self.source, words(section)),
            "homepage" => (&mut self.homepage, words(section)),
            "revision" => (&mut self.revision, words(section)),
            _ => return,
        };
        if place.is_none() {
            *place = said;
        }
    }
}

/// The name of the whole, which comes before the names of its parts.
fn name<'a>(section: &CustomSectionReader<'a>) -> Option<&'a str> {
    match section.as_known() {
        KnownCustom::Name(mut names) => match names.next()? {
            // Linkers name a module like its file.
            Ok(Name::Module { name, .. }) => Some(name.strip_suffix(".wasm").unwrap_or(name)),
            _ => None,
        },
        KnownCustom::ComponentName(mut names) => match names.next()? {
            Ok(ComponentName::Component { name, .. }) => Some(name),
            _ => None,
        },
        _ => None,
    }
}

fn words(section: &CustomSectionReader<'_>) -> Option<String> {
    std::str::from_utf8(section.data()).ok().and_then(text)
}

/// Text that says something, safe to print.
fn text(said: &str) -> Option<String> {
    let said = said.trim();
    (!said.is_empty()).then(|| escape(said, MAX_TEXT))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MODULE: &[u8] = b"\0asm\x01\0\0\0";
    const COMPONENT: &[u8] = b"\0asm\x0d\0\x01\0";

    /// A number as WebAssembly writes it.
    fn number(mut value: usize) -> Vec<u8> {
        let mut bytes = Vec::new();
        loop {
            let low = u8::try_from(value & 0x7f).unwrap();
            value >>= 7;
            bytes.push(if value == 0 { low } else { low | 0x80 });
            if value == 0 {
                return bytes;
            }
        }
    }

    fn section(id: u8, content: &[u8]) -> Vec<u8> {
        [&[id][..], &number(content.len()), content].concat()
    }

    fn custom(name: &str, data: &[u8]) -> Vec<u8> {
        section(0, &[&number(name.len()), name.as_bytes(), data].concat())
    }

    /// A name section that names the whole.
    fn named(section: &str, name: &str) -> Vec<u8> {
        let name = [&number(name.len()), name.as_bytes()].concat();
        custom(section, &[&[0][..], &number(name.len()), &name].concat())
    }

    fn file(header: &[u8], sections: &[Vec<u8>]) -> Vec<u8> {
        [header, &sections.concat()].concat()
    }

    #[test]
    fn modules_and_components_are_read_alike() {
        for (header, names) in [(MODULE, "name"), (COMPONENT, "component-name")] {
            let texts = ["version", "description", "authors", "licenses", "source", "homepage", "revision"];
            let sections: Vec<_> = texts.iter().map(|name| custom(name, format!("its {name}").as_bytes())).collect();
            let metadata = Metadata::of(&file(header, &[sections, vec![named(names, "its name")]].concat()));
            let expected: Vec<_> =
                std::iter::once("name").chain(texts).map(|name| (name, format!("its {name}"))).collect();
            let found: Vec<_> = metadata.entries().map(|(name, text)| (name, text.to_owned())).collect();
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn a_component_that_says_nothing_is_asked_for_its_first_module_that_does() {
        let module = |sections: &[Vec<u8>]| section(1, &file(MODULE, sections));
        let parts = [
            module(&[named("name", "shim")]),
            module(&[custom("version", b"1.0.0"), named("name", "main")]),
            module(&[custom("version", b"2.0.0"), custom("source", b"elsewhere")]),
        ];
        let silent = Metadata::of(&file(COMPONENT, &parts));
        assert_eq!(
            silent,
            Metadata { name: Some("main".to_owned()), version: Some("1.0.0".to_owned()), ..Metadata::default() }
        );
        let named_only =
            Metadata::of(&file(COMPONENT, &[parts.to_vec(), vec![named("component-name", "all")]].concat()));
        assert_eq!(
            named_only,
            Metadata { name: Some("all".to_owned()), version: Some("1.0.0".to_owned()), ..Metadata::default() }
        );
        let speaking = Metadata::of(&file(COMPONENT, &[parts.to_vec(), vec![custom("revision", b"abc")]].concat()));
        assert_eq!(speaking, Metadata { revision: Some("abc".to_owned()), ..Metadata::default() });
        let deeper = section(4, &file(COMPONENT, &[module(&[custom("version", b"3.0.0")])]));
        assert_eq!(Metadata::of(&file(COMPONENT, &[deeper])), Metadata::default());
    }

    #[test]
    fn what_a_stranger_wrote_is_made_safe() {
        let long = "x".repeat(MAX_TEXT + 1);
        let metadata = Metadata::of(&file(
            MODULE,
            &[
                custom("version", b"\xff"),
                custom("description", b"a\x1b[2Jb\nc\xe2\x80\xae"),
                custom("authors", b" \n"),
                custom("source", long.as_bytes()),
                custom("revision", b"first"),
                custom("revision", b"second"),
            ],
        ));
        assert_eq!(metadata.version, None);
        assert_eq!(metadata.description, Some("a\\u{1b}[2Jb\\nc\\u{202e}".to_owned()));
        assert_eq!(metadata.authors, None);
        assert_eq!(metadata.source, Some(format!("{}…", "x".repeat(MAX_TEXT))));
        assert_eq!(metadata.revision, Some("first".to_owned()));
    }

    #[test]
    fn a_file_that_breaks_off_gives_what_came_before() {
        let whole = file(MODULE, &[custom("version", b"1.0.0"), custom("source", b"here")]);
        for length in 0..whole.len() {
            let metadata = Metadata::of(&whole[..length]);
            assert_eq!(metadata.source, None);
        }
        assert_eq!(Metadata::of(&whole).source, Some("here".to_owned()));
        assert_eq!(Metadata::of(b"no WebAssembly"), Metadata::default());
    }

    #[test]
    fn names_that_lie_about_their_length_are_none() {
        for data in [&[][..], &[0], &[0, 5, 4, b'a'], &[0, 2, 1, 0xff], &[1, 0]] {
            assert_eq!(Metadata::of(&file(MODULE, &[custom("name", data)])), Metadata::default(), "{data:?}");
        }
    }
}

//! Where many keys stand among those of a table.

/// Where there are so many times as many known keys as wanted ones, each is searched for by itself.
const FEW: usize = 16;

/// How often keys that begin alike are told apart by the bytes that follow, before they are searched for.
const DEEPEST: u32 = 4;

/// The position of each wanted key among known ones, which are in byte order.
pub(super) fn of<'k>(wanted: impl Iterator<Item = &'k str>, known: &[Box<str>]) -> Vec<Option<u32>> {
    let mut wanted = wanted.peekable();
    let mut positions = Vec::with_capacity(wanted.size_hint().0);
    // Most lists are all of them, in their order.
    for (position, known) in (0..).zip(known) {
        if wanted.next_if(|key| **key == **known).is_none() {
            break;
        }
        positions.push(Some(position));
    }
    let rest: Vec<&str> = wanted.collect();
    if rest.len() < known.len() / FEW {
        positions.extend(rest.iter().map(|key| search(key, known, 0)));
    } else if rest.is_sorted() {
        positions.extend(in_order(&rest, known));
    } else {
        positions.extend(in_any_order(&rest, known));
    }
    positions
}

/// The position of a key among known ones, the first of which is at `first`.
fn search(key: &str, known: &[Box<str>], first: usize) -> Option<u32> {
    let further = known.binary_search_by(|probe| (**probe).cmp(key)).ok()?;
    u32::try_from(first + further).ok()
}

/// Goes through both lists once.
fn in_order(wanted: &[&str], known: &[Box<str>]) -> impl Iterator<Item = Option<u32>> {
    let mut known = (0..).zip(known).peekable();
    wanted.iter().map(move |key| {
        while known.next_if(|(_, known)| ***known < **key).is_some() {}
        known.peek().filter(|(_, known)| ***known == **key).map(|(position, _)| *position)
    })
}

/// Sorts the wanted keys by the bytes in which known ones first differ, and goes through both lists once.
///
/// These bytes lie side by side, and the keys anywhere in memory: searching for each of thousands takes three times as long.
fn in_any_order(wanted: &[&str], known: &[Box<str>]) -> Vec<Option<u32>> {
    let mut merge = Merge { wanted, positions: vec![None; wanted.len()] };
    let places: Vec<u32> = (0..).zip(wanted).map(|(place, _)| place).collect();
    merge.find(&places, known, 0, 0);
    merge.positions
}

struct Merge<'a> {
    wanted: &'a [&'a str],
    /// Of each wanted key, once it is found.
    positions: Vec<Option<u32>>,
}

/// How a wanted key goes on after what all known ones begin with.
#[derive(Clone, Copy)]
struct Head {
    bytes: u64,
    /// How many bytes there are in all, not just in the number.
    length: u32,
    /// Which of the wanted keys it is.
    place: u32,
}

impl Merge<'_> {
    /// Finds the wanted keys of these places among known ones, the first of which is at `first`.
    fn find(&mut self, places: &[u32], known: &[Box<str>], first: usize, depth: u32) {
        let shared = shared(known);
        let mut heads: Vec<Head> = places.iter().filter_map(|place| self.head(*place, shared)).collect();
        heads.sort_unstable_by_key(|head| head.bytes);
        let rest = known.iter().map(|key| key.as_bytes().get(shared.len()..).unwrap_or_default());
        let known_heads: Vec<u64> = rest.map(leading).collect();

        let mut begin = 0;
        for alike in heads.chunk_by(|one, other| one.bytes == other.bytes) {
            let Some(Head { bytes, .. }) = alike.first() else { continue };
            let count = |is_it: fn(&u64, &u64) -> bool, from: usize| {
                let further = known_heads.get(from..).unwrap_or_default();
                further.iter().take_while(|known| is_it(known, bytes)).count()
            };
            begin += count(u64::lt, begin);
            let end = begin + count(u64::eq, begin);
            let first = first + begin;
            match known.get(begin..end).unwrap_or_default() {
                [] => {}
                [only] => {
                    let length = only.len().saturating_sub(shared.len());
                    for head in alike {
                        let is_all = length <= size_of::<u64>() && length == head.length as usize;
                        self.set(*head, |key| if is_all || **only == *key { u32::try_from(first).ok() } else { None });
                    }
                }
                run if depth < DEEPEST && alike.len() >= run.len() / FEW => {
                    let places: Vec<u32> = alike.iter().map(|head| head.place).collect();
                    self.find(&places, run, first, depth + 1);
                }
                run => alike.iter().for_each(|head| self.set(*head, |key| search(key, run, first))),
            }
        }
    }

    /// Of the wanted key at a place, where it begins as all known ones do.
    fn head(&self, place: u32, shared: &[u8]) -> Option<Head> {
        let rest = self.wanted.get(place as usize)?.as_bytes().strip_prefix(shared)?;
        Some(Head { bytes: leading(rest), length: u32::try_from(rest.len()).ok()?, place })
    }

    fn set(&mut self, head: Head, position: impl FnOnce(&str) -> Option<u32>) {
        let place = head.place as usize;
        if let (Some(known), Some(key)) = (self.positions.get_mut(place), self.wanted.get(place)) {
            *known = position(key);
        }
    }
}

/// What all keys in byte order begin with.
fn shared(keys: &[Box<str>]) -> &[u8] {
    let [first, last] = [keys.first(), keys.last()].map(|key| key.map_or(&[][..], |key| key.as_bytes()));
    let length = first.iter().zip(last).take_while(|(one, other)| one == other).count();
    first.get(..length).unwrap_or_default()
}

/// Eight bytes as a number that compares as they do. Where there are fewer, zeros stand for them.
fn leading(bytes: &[u8]) -> u64 {
    if let Some(first) = bytes.first_chunk() {
        return u64::from_be_bytes(*first);
    }
    let number = bytes.iter().fold(0, |number: u64, byte| number << u8::BITS | u64::from(*byte));
    let missing = bytes.iter().fold(u64::BITS, |missing, _| missing - u8::BITS);
    number.unbounded_shl(missing)
}

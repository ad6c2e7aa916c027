//! Where many keys stand among those of a table.

/// Where there are so many times as many known keys as wanted ones, each is searched for by itself.
const FEW: usize = 16;

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
    } else {
        positions.extend(merge(&rest, known));
    }
    positions
}

/// The position of a key that is not before `first`.
fn search(key: &str, known: &[Box<str>], first: usize) -> Option<u32> {
    let further = known.get(first..)?.binary_search_by(|probe| (**probe).cmp(key)).ok()?;
    u32::try_from(first + further).ok()
}

/// Sorts the wanted keys by the bytes in which known ones first differ, and goes through both lists once.
///
/// These bytes lie side by side, and the keys anywhere in memory: searching for each of thousands takes three times as long.
fn merge(wanted: &[&str], known: &[Box<str>]) -> Vec<Option<u32>> {
    let shared = shared(known);
    let heads =
        (0..).zip(wanted).filter_map(|(place, key)| Some((Head::of(key.as_bytes().strip_prefix(shared)?), place)));
    let mut heads: Vec<(Head, u32)> = heads.collect();
    heads.sort_unstable_by_key(|(head, _)| head.bytes);
    let known_heads = known.iter().map(|key| Head::of(key.as_bytes().get(shared.len()..).unwrap_or_default()));
    let mut known_heads = (0..).zip(known_heads).peekable();

    let mut positions = vec![None; wanted.len()];
    for (head, place) in heads {
        while known_heads.next_if(|(_, known)| known.bytes < head.bytes).is_some() {}
        let Some((position, known_head)) = known_heads.peek().filter(|(_, known)| known.bytes == head.bytes) else {
            continue;
        };
        let (Some(found), Some(key)) = (positions.get_mut(place as usize), wanted.get(place as usize)) else {
            continue;
        };
        *found = if head.is_all() && known_head.length == head.length {
            Some(*position)
        } else {
            // Others may begin alike.
            search(key, known, *position as usize)
        };
    }
    positions
}

/// What all keys in byte order begin with.
fn shared(keys: &[Box<str>]) -> &[u8] {
    let [first, last] = [keys.first(), keys.last()].map(|key| key.map_or(&[][..], |key| key.as_bytes()));
    let length = first.iter().zip(last).take_while(|(one, other)| one == other).count();
    first.get(..length).unwrap_or_default()
}

/// How a key goes on after what is shared.
#[derive(Clone, Copy)]
struct Head {
    /// Eight bytes as a number that compares as they do. Where there are fewer, zeros stand for them.
    bytes: u64,
    /// How many bytes there are.
    length: u32,
}

impl Head {
    fn of(rest: &[u8]) -> Self {
        let bytes = match rest.first_chunk() {
            Some(first) => u64::from_be_bytes(*first),
            None => (0..size_of::<u64>())
                .fold(0, |bytes, place| bytes << 8 | rest.get(place).map_or(0, |byte| u64::from(*byte))),
        };
        Self { bytes, length: u32::try_from(rest.len()).unwrap_or(u32::MAX) }
    }

    /// Whether nothing goes on after these bytes.
    fn is_all(self) -> bool {
        self.length as usize <= size_of::<u64>()
    }
}

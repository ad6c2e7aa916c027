//! Columns that are fetched when first asked for and stay for the rest of an evaluation.

use std::borrow::Borrow;
use std::cell::OnceCell;

/// What a column is asked for by.
pub(crate) trait Key: PartialEq + ToOwned {
    /// A number that no other key has; `None` where telling keys apart takes more than a number.
    fn code(&self) -> Option<u32>;
}

/// Names of resources and labels.
impl Key for str {
    fn code(&self) -> Option<u32> {
        None
    }
}

/// Columns by key, searched one after the other: a policy reads a handful, and comparing a few keys costs less than
/// hashing one.
///
/// A list that only grows at its end, so that a column can be borrowed while others are added.
pub(crate) struct ColumnCache<K, T>(OnceCell<Box<Entry<K, T>>>);

struct Entry<K, T> {
    code: Option<u32>,
    key: K,
    column: Vec<T>,
    next: ColumnCache<K, T>,
}

impl<K, T> ColumnCache<K, T> {
    pub(crate) const fn new() -> Self {
        Self(OnceCell::new())
    }

    /// The column of a key, fetched unless it is here.
    ///
    /// Runs for every node: compiled into the policy, where the codes of its selectors are known.
    #[inline]
    pub(crate) fn column<Q>(&self, key: &Q, fetch: impl FnOnce(&Q) -> Vec<T>) -> &[T]
    where
        K: Borrow<Q>,
        Q: Key<Owned = K> + ?Sized,
    {
        let found = match key.code() {
            Some(code) => self.find(|entry| entry.code == Some(code)),
            None => self.find_key(key),
        };
        match found {
            Ok(column) => column,
            Err(end) => end.append(key, fetch),
        }
    }

    /// Kept apart from the search by code, which has to stay small.
    #[inline(never)]
    fn find_key<Q>(&self, key: &Q) -> Result<&[T], &Self>
    where
        K: Borrow<Q>,
        Q: Key<Owned = K> + ?Sized,
    {
        self.find(|entry| entry.key.borrow() == key)
    }

    /// The first column that is it, or the end of the list.
    #[inline]
    fn find(&self, is_it: impl Fn(&Entry<K, T>) -> bool) -> Result<&[T], &Self> {
        let mut cache = self;
        while let Some(entry) = cache.0.get() {
            if is_it(entry) {
                return Ok(&entry.column);
            }
            cache = &entry.next;
        }
        Err(cache)
    }

    /// Runs once for each column, and is kept out of the search too.
    #[cold]
    #[inline(never)]
    fn append<Q>(&self, key: &Q, fetch: impl FnOnce(&Q) -> Vec<T>) -> &[T]
    where
        Q: Key<Owned = K> + ?Sized,
    {
        let entry = || Box::new(Entry { code: key.code(), key: key.to_owned(), column: fetch(key), next: Self::new() });
        &self.0.get_or_init(entry).column
    }
}

impl<K, T> Drop for ColumnCache<K, T> {
    /// One entry after the other: the default would recurse once per entry, and a policy that asks for thousands of
    /// columns would run out of stack.
    fn drop(&mut self) {
        let mut entry = self.0.take();
        while let Some(mut last) = entry {
            entry = last.next.0.take();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    impl Key for u32 {
        fn code(&self) -> Option<u32> {
            Some(*self)
        }
    }

    #[test]
    fn every_column_is_fetched_once() {
        let fetched = RefCell::new(Vec::new());
        let cache = ColumnCache::<String, usize>::new();
        let fetch = |key: &str| {
            fetched.borrow_mut().push(key.to_owned());
            vec![key.len()]
        };
        let first = cache.column("cpu", fetch);
        assert_eq!(cache.column("memory", fetch), [6]);
        assert_eq!(cache.column("cpu", fetch), [3]);
        assert_eq!(cache.column("memory", fetch), [6]);
        assert_eq!(first, [3], "borrowed across the growth of the cache");
        assert_eq!(*fetched.borrow(), ["cpu", "memory"]);
    }

    #[test]
    fn a_hundred_thousand_columns_do_not_overflow_the_stack_when_dropped() {
        // Built from its end, because looking up that many columns one by one is quadratic.
        let mut cache = ColumnCache::<u32, u32>::new();
        for key in 0..100_000 {
            cache =
                ColumnCache(OnceCell::from(Box::new(Entry { code: Some(key), key, column: vec![key], next: cache })));
        }
        assert_eq!(cache.column(&99_999, |_| Vec::new()), [99_999]);
        drop(cache);
    }
}

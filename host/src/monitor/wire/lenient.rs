//! Reading JSON that may be of another type than it should be, without giving up on what comes after it.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// A value that should be text or a number. Objects and arrays are skipped, whatever their size.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Scalar<'de> {
    Null,
    Text(Cow<'de, str>),
    Integer(i64),
    Number(f64),
    /// A boolean, an object or an array.
    WrongType,
}

impl<'de> Deserialize<'de> for Scalar<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ScalarVisitor;
        impl<'de> Visitor<'de> for ScalarVisitor {
            type Value = Scalar<'de>;
            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a JSON value")
            }
            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(Scalar::Null)
            }
            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Scalar::Text(Cow::Borrowed(text)))
            }
            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Scalar::Text(Cow::Owned(text.to_owned())))
            }
            fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
                Ok(Scalar::Integer(number))
            }
            #[expect(clippy::cast_precision_loss, reason = "metrics are 64-bit floats at the source")]
            fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
                Ok(i64::try_from(number).map_or(Scalar::Number(number as f64), Scalar::Integer))
            }
            fn visit_f64<E>(self, number: f64) -> Result<Self::Value, E> {
                Ok(Scalar::Number(number))
            }
            fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
                Ok(Scalar::WrongType)
            }
            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Self::Value, A::Error> {
                skip_seq(seq).map(|()| Scalar::WrongType)
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                skip_map(map).map(|()| Scalar::WrongType)
            }
        }
        deserializer.deserialize_any(ScalarVisitor)
    }
}

/// What was found where an object or an array was expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape<T> {
    Null,
    Expected(T),
    WrongType,
}

/// Reads the entries of an object.
pub(super) trait ReadMap<'de> {
    type Output;
    fn read_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Output, A::Error>;
}

/// Reads the elements of an array.
pub(super) trait ReadSeq<'de> {
    type Output;
    fn read_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Self::Output, A::Error>;
}

/// Expects an object; anything else is skipped and told.
pub(super) struct Object<R>(pub(super) R);

/// Expects an array; anything else is skipped and told.
pub(super) struct Array<R>(pub(super) R);

impl<'de, R: ReadMap<'de>> DeserializeSeed<'de> for Object<R> {
    type Value = Shape<R::Output>;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(ContainerVisitor { reader: ObjectReader(self.0), lifetime: PhantomData })
    }
}

impl<'de, R: ReadSeq<'de>> DeserializeSeed<'de> for Array<R> {
    type Value = Shape<R::Output>;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(ContainerVisitor { reader: ArrayReader(self.0), lifetime: PhantomData })
    }
}

/// A container that is read when it is of the right kind, and skipped when it is of the other.
trait Container<'de>: Sized {
    type Output;
    fn map<A: MapAccess<'de>>(self, map: A) -> Result<Shape<Self::Output>, A::Error> {
        skip_map(map).map(|()| Shape::WrongType)
    }
    fn seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Shape<Self::Output>, A::Error> {
        skip_seq(seq).map(|()| Shape::WrongType)
    }
}

struct ObjectReader<R>(R);
impl<'de, R: ReadMap<'de>> Container<'de> for ObjectReader<R> {
    type Output = R::Output;
    fn map<A: MapAccess<'de>>(self, map: A) -> Result<Shape<Self::Output>, A::Error> {
        self.0.read_map(map).map(Shape::Expected)
    }
}

struct ArrayReader<R>(R);
impl<'de, R: ReadSeq<'de>> Container<'de> for ArrayReader<R> {
    type Output = R::Output;
    fn seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Shape<Self::Output>, A::Error> {
        self.0.read_seq(seq).map(Shape::Expected)
    }
}

struct ContainerVisitor<'de, C> {
    reader: C,
    lifetime: PhantomData<&'de ()>,
}

impl<'de, C: Container<'de>> Visitor<'de> for ContainerVisitor<'de, C> {
    type Value = Shape<C::Output>;
    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }
    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Shape::Null)
    }
    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Shape::WrongType)
    }
    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(Shape::WrongType)
    }
    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(Shape::WrongType)
    }
    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Shape::WrongType)
    }
    fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
        Ok(Shape::WrongType)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Self::Value, A::Error> {
        self.reader.seq(seq)
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        self.reader.map(map)
    }
}

fn skip_seq<'de, A: SeqAccess<'de>>(mut seq: A) -> Result<(), A::Error> {
    while seq.next_element::<IgnoredAny>()?.is_some() {}
    Ok(())
}

fn skip_map<'de, A: MapAccess<'de>>(mut map: A) -> Result<(), A::Error> {
    while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
    Ok(())
}

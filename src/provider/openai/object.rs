//! Lenient parsing of JSON objects, because servers write them loosely: a member that is missing,
//! `null` or of an unexpected type is ignored. If a member is repeated, the last value that is not
//! `null` counts.

use serde::Deserialize;
use serde::de::{Deserialize as De, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;
use std::marker::PhantomData;

/// A value of type `T`, or `None` if the JSON has another type.
#[derive(Debug)]
pub(crate) struct Lenient<T>(pub(crate) Option<T>);

impl<T> Default for Lenient<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<'de, T: Deserialize<'de>> De<'de> for Lenient<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <&RawValue>::deserialize(deserializer).map(Member::of)
    }
}

/// The type of a field that stores the value of a JSON member.
pub(crate) trait Member<'de> {
    fn of(raw: &'de RawValue) -> Self;
}

impl<'de> Member<'de> for Option<&'de RawValue> {
    fn of(raw: &'de RawValue) -> Self {
        Some(raw)
    }
}

impl<'de, T: Deserialize<'de>> Member<'de> for Lenient<T> {
    fn of(raw: &'de RawValue) -> Self {
        Self(serde_json::from_str(raw.get()).ok())
    }
}

/// An object whose known members are stored in fields.
pub(crate) trait Object<'de>: Default {
    /// Names of the known members.
    const NAMES: &'static [&'static str];
    /// Stores the value of a known member. `raw` is never `null`.
    fn put(&mut self, name: &str, raw: &'de RawValue);
}

/// Deserializes a JSON object. Unknown members and `null` values are ignored, and missing members
/// keep their defaults.
pub(crate) fn read<'de, D: Deserializer<'de>, T: Object<'de>>(from: D) -> Result<T, D::Error> {
    from.deserialize_map(Members(PhantomData))
}

struct Members<T>(PhantomData<T>);

impl<'de, T: Object<'de>> Visitor<'de> for Members<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<T, A::Error> {
        let mut object = T::default();
        while let Some(name) = map.next_key_seed(Name(T::NAMES))? {
            match name {
                Some(name) => {
                    let raw: &RawValue = map.next_value()?;
                    if raw.get() != "null" {
                        object.put(name, raw);
                    }
                }
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(object)
    }
}

/// Parses a member's name: `None` unless it is one of these names.
struct Name(&'static [&'static str]);

impl<'de> DeserializeSeed<'de> for Name {
    type Value = Option<&'static str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Name {
    type Value = Option<&'static str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok(self.0.iter().find(|known| **known == name).copied())
    }

    /// Treats a name that is given as bytes (for example, because of a lone surrogate) as unknown.
    fn visit_bytes<E>(self, _: &[u8]) -> Result<Self::Value, E> {
        Ok(None)
    }
}

/// Defines an [`Object`]. Each field has its member's name, unless `as` gives another one.
macro_rules! object {
    ($(#[$about:meta])* $name:ident $(<$life:lifetime>)? { $($(#[$doc:meta])* $field:ident $(as $member:literal)?: $type:ty,)* }) => {
        $(#[$about])*
        #[derive(Debug, Default)]
        pub(crate) struct $name $(<$life>)? { $($(#[$doc])* pub(crate) $field: $type,)* }

        object!(@impl $name $(<$life>)? { $(($field $($member)?))* });
    };
    (@impl $name:ident <$life:lifetime> { $($field:tt)* }) => {
        impl<$life> $crate::provider::openai::object::Object<$life> for $name<$life> {
            object!(@body $life { $($field)* });
        }
        impl<'de: $life, $life> serde::Deserialize<'de> for $name<$life> {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                $crate::provider::openai::object::read(from)
            }
        }
    };
    (@impl $name:ident { $($field:tt)* }) => {
        impl<'de> $crate::provider::openai::object::Object<'de> for $name {
            object!(@body 'de { $($field)* });
        }
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                $crate::provider::openai::object::read(from)
            }
        }
    };
    (@body $life:lifetime { $(($field:ident $($member:literal)?))* }) => {
        const NAMES: &'static [&'static str] = &[$(object!(@name $field $($member)?)),*];
        fn put(&mut self, name: &str, raw: &$life serde_json::value::RawValue) {
            match name {
                $(object!(@name $field $($member)?) => {
                    self.$field = $crate::provider::openai::object::Member::of(raw);
                })*
                _ => {}
            }
        }
    };
    (@name $field:ident) => { stringify!($field) };
    (@name $field:ident $member:literal) => { $member };
}
pub(crate) use object;

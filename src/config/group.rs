//! The form of a group of settings, in which each setting is one entry. It is a macro because a field of the configuration
//! and the text that it is read from would otherwise be two places.

/// Writes the struct of a group and the function that reads it. To add a setting, add an entry like this one:
///
/// ```text
/// settings! {
///     /// What the OpenAI edge needs.
///     pub struct OpenAiConfig in "OpenAI" {
///         /// Longest time of one request, 1 s to 10 min
///         timeout: Duration = value("OPENAI_TIMEOUT", "TIME", "60s", |text| duration(text, SECOND, 10 * MINUTE)),
///     }
/// }
/// ```
///
/// The doc comment is what help, `.env.example` and the README print. Then come the field and its type. After `=` comes one
/// of the functions of [`super::entry`] with the environment variable (the flag follows from it: `--openai-timeout`), the
/// placeholder for the value in help, the default, and the function from text to value. [`super::values`] has the usual ones.
/// Fields after `and` are not settings of the group; [`super::Config`] fills them in.
macro_rules! settings {
    (
        $(#[$about:meta])*
        $vis:vis struct $Group:ident in $heading:literal {
            $( $(#[doc = $meaning:literal])+ $field:ident: $type:ty = $entry:expr, )+
        }
        $( and $(#[doc = $other_doc:literal])+ $other:ident: $other_type:ty )*
    ) => {
        $(#[$about])*
        #[derive(Debug, Clone)]
        $vis struct $Group {
            $( $(#[doc = $meaning])+ pub $field: $type, )+
            $( $(#[doc = $other_doc])+ pub $other: $other_type, )*
        }

        impl $Group {
            /// Reads each of them; `None` after noting a fault.
            pub(super) fn read(reader: &mut $crate::config::reader::Reader<'_>) -> Option<Self> {
                $( let $field = reader.read($entry.described($heading, concat!($($meaning),+))); )+
                Some(Self {
                    $( $field: $field?, )+
                    $( $other: Default::default(), )*
                })
            }
        }
    };
}

pub(super) use settings;

//! The macro that defines a group of settings: one entry defines both the field and how it is read.

/// Writes the struct of a group and the function that reads it. To add a setting, add an entry like this one:
///
/// ```text
/// settings! {
///     /// What the OpenAI edge needs.
///     pub struct OpenAiConfig in "OpenAI" {
///         /// Timeout for one request, 1s to 10min
///         timeout: Duration = value("OPENAI_TIMEOUT", "TIME", "60s", |text| duration(text, SECOND, 10 * MINUTE)),
///     }
/// }
/// ```
///
/// The doc comment is printed by help, `.env.example` and `docs/configuration.md`. Then come the field and its type. After `=`
/// comes one of the functions of [`super::entry`]. Its arguments are the environment variable (the flag follows from it:
/// `--openai-timeout`), the placeholder for the value in help, the default, and the function from text to value.
/// [`super::values`] has the usual ones.
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
            /// Reads each setting; `None` after recording an error.
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

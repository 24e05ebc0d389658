//! What a parser says of a wrong value, in the words of someone who never saw a Rust type.

/// One sentence out of a `toml` error.
pub(super) fn sentence(error: &toml::de::Error) -> String {
    let text = error.to_string();
    match (place(&text), wrong_type(error.message())) {
        (Some(key), Some((found, expected))) => format!("{key} takes {expected}; found {found}"),
        (None, Some((found, expected))) => format!("expected {expected}; found {found}"),
        (_, None) if error.span().is_some() => {
            format!("{}: {}", first_line(&text), one_line(error.message()))
        }
        (_, None) => one_line(&text),
    }
}

/// The dotted key that no configuration has, if that is what the error is about.
pub(super) fn unknown_field(error: &toml::de::Error) -> Option<String> {
    let rest = error.message().strip_prefix("unknown field `")?;
    let field = rest.split('`').next()?;
    let text = error.to_string();
    Some(match place(&text) {
        Some(table) => format!("{table}.{field}"),
        None => field.to_owned(),
    })
}

/// The key that an error says it lies in.
fn place(text: &str) -> Option<&str> {
    text.split("in `").nth(1)?.split('`').next()
}

/// What was found and what would be right.
fn wrong_type(message: &str) -> Option<(String, String)> {
    let rest = message
        .strip_prefix("invalid type: ")
        .or_else(|| message.strip_prefix("invalid value: "));
    if let Some((found, expected)) = rest.and_then(|rest| rest.split_once(", expected ")) {
        let found = found
            .replace("string ", "")
            .replace("floating point", "number");
        return Some((found.replace('`', ""), plain(expected).to_owned()));
    }
    let rest = message.strip_prefix("unknown variant ")?;
    let (found, expected) = rest.split_once(", expected one of ")?;
    let expected = format!("one of {}", expected.replace('`', ""));
    Some((found.replace('`', "\""), expected))
}

fn plain(expected: &str) -> &str {
    match expected {
        "usize" | "u64" | "u32" | "u16" | "u8" => "a whole number of at least 0",
        "i64" | "i32" => "a whole number",
        "f64" | "f32" => "a number",
        "a boolean" => "true or false",
        "a string" => "text in quotes",
        "a sequence" => "a list in brackets",
        other => other,
    }
}

/// Where the parser stood; the excerpt that follows it is for terminals.
fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

fn one_line(text: &str) -> String {
    let lines = text.trim().lines().map(str::trim);
    lines.collect::<Vec<_>>().join(", ")
}

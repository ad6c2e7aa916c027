//! A short piece of what came from outside, fit to stand in a one-line message.

use std::time::Duration;

use reqwest::Response;

/// The longest excerpt, in characters: a sentence or two, which is what servers explain themselves in.
const MAX_CHARS: usize = 200;

/// How much of the body is read for an excerpt. A character takes at most 4 bytes, so this always fills one, even after
/// a lot of space.
const MAX_BYTES: usize = 4096;

/// How long the body of a refusal may take. The status is already the answer; half a second is ten round trips across
/// a continent, and a twentieth of the heartbeat's period.
const PATIENCE: Duration = Duration::from_millis(500);

/// The beginning of the body, as far as it arrives soon; `None` for one without text.
pub(super) async fn of(mut response: Response) -> Option<String> {
    let mut bytes = Vec::new();
    // Neither a slow nor a broken body may hide the status: what has arrived by then is shown.
    let _ = tokio::time::timeout(PATIENCE, async {
        while let Ok(Some(chunk)) = response.chunk().await {
            bytes.extend(chunk.iter().take(MAX_BYTES.saturating_sub(bytes.len())));
            if bytes.len() >= MAX_BYTES {
                break;
            }
        }
    })
    .await;
    Some(one_line(String::from_utf8_lossy(&bytes).trim())).filter(|text| !text.is_empty())
}

/// Escapes what is not printable, line ends among it, and cuts the text short.
pub(super) fn one_line(text: &str) -> String {
    let mut line = String::new();
    for (count, character) in text.chars().enumerate() {
        if count >= MAX_CHARS {
            line.push('…');
            break;
        }
        match character {
            '"' | '\'' => line.push(character),
            _ => line.extend(character.escape_debug()),
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::one_line;

    #[test]
    fn log_forging_characters_are_escaped() {
        assert_eq!(one_line("a\r\nERROR b"), "a\\r\\nERROR b");
        assert_eq!(one_line("\u{1b}[2Jx\u{0}"), "\\u{1b}[2Jx\\0");
        assert_eq!(one_line("\u{202e}txt"), "\\u{202e}txt");
        assert_eq!(one_line("{\"error\": \"no\"}"), "{\"error\": \"no\"}");
    }

    #[test]
    fn long_text_is_cut_by_characters() {
        let line = one_line(&"ü".repeat(10_000));
        assert_eq!(line.chars().count(), 201);
        assert!(line.ends_with("ü…"));
    }
}

//! The words and names of reconciliation.

use epay_domain::reconciliation::case::ItemKind;
use epay_domain::reconciliation::{BreakClass, MatchedBy, Why, named};

#[test]
fn words_are_read_back() {
    for class in BreakClass::ALL {
        assert_eq!(BreakClass::from_word(class.as_str()), Some(*class));
    }
    for by in MatchedBy::ALL {
        assert_eq!(MatchedBy::from_word(by.as_str()), Some(*by));
    }
    for kind in ItemKind::ALL {
        assert_eq!(ItemKind::from_word(kind.as_str()), Some(*kind));
    }
    for why in Why::ALL {
        assert_eq!(Why::from_word(why.as_str()), Some(*why));
    }
    assert_eq!(BreakClass::ALL.len(), 10);
}

#[test]
fn a_name_stands_in_a_text_as_a_whole() {
    for (text, name, wanted) in [
        ("PPS-NET-PPS-20260120-1-990201", "990201", true),
        ("S-wechat-7-1999000201", "S-wechat-7", true),
        ("FT99020100", "990201", false),
        ("1990201", "990201", false),
        ("990201", "990201", true),
        ("A-1", "A-1", false),
    ] {
        assert_eq!(named(text, name), wanted, "{name} in {text}");
    }
}

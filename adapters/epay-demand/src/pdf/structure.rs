//! The tree that tells a screen reader what is a heading, a paragraph or a figure, and in which order they are read.

use pdf_writer::types::StructRole;
use pdf_writer::{Finish as _, Name, Pdf, Ref, TextStr};

use super::content::{Marked, What};
use crate::sheet::Role;

/// A leaf of the tree.
pub(super) struct Element {
    marked: Marked,
    page: Ref,
    /// The page's place, from 0.
    index: i32,
}

impl Element {
    pub(super) const fn new(marked: Marked, page: Ref, index: i32) -> Self {
        Self {
            marked,
            page,
            index,
        }
    }

    const fn role(&self) -> StructRole {
        match self.marked.what {
            What::Text(Role::Title) => StructRole::H1,
            What::Text(Role::Heading) => StructRole::H2,
            What::Text(Role::Paragraph | Role::Margin) => StructRole::P,
            What::Figure { .. } => StructRole::Figure,
        }
    }
}

/// Writes the tree under `root`: the document, and everything in it.
pub(super) fn write(
    pdf: &mut Pdf,
    root: Ref,
    pages: usize,
    elements: &[Element],
    new: &mut impl FnMut() -> Ref,
) {
    let document = new();
    let ids: Vec<Ref> = elements.iter().map(|_| new()).collect();
    for (element, id) in elements.iter().zip(&ids) {
        let mut written = pdf.struct_element(*id);
        written
            .kind(element.role())
            .parent(document)
            .page(element.page);
        if let What::Figure { alternative, place } = &element.marked.what {
            written.alt(TextStr(alternative));
            written.attributes().push().layout().bbox(*place);
        }
        let mut children = written.children();
        for mark in &element.marked.marks {
            children.marked_content_id(*mark);
        }
    }
    let mut whole = pdf.struct_element(document);
    whole.kind(StructRole::Document).parent(root);
    whole.children().items(ids.iter().copied());
    whole.finish();
    let mut tree = pdf.indirect(root).dict();
    tree.pair(Name(b"Type"), Name(b"StructTreeRoot"));
    tree.pair(Name(b"K"), document);
    let mut parents = tree.insert(Name(b"ParentTree")).dict();
    let mut numbers = parents.insert(Name(b"Nums")).array();
    for page in 0..i32::try_from(pages).unwrap_or(i32::MAX) {
        numbers.item(page);
        let of_page = elements
            .iter()
            .zip(&ids)
            .filter(|(element, _)| element.index == page);
        // Marks count from 0 on every page in the order in which they were made.
        let parents = of_page.flat_map(|(element, id)| element.marked.marks.iter().map(|_| *id));
        numbers.push().array().items(parents);
    }
}

//! Many things to do, so many at once.

use anyhow::Result;
use tokio::task::JoinSet;

/// Done at once.
const AT_ONCE: usize = 256;

/// Does something for every place; answers in the order in which they ended.
pub(super) async fn in_turns<T, F>(
    count: usize,
    mut begin: impl FnMut(usize) -> F,
) -> Result<Vec<T>>
where
    T: Send + 'static,
    F: Future<Output = Result<T>> + Send + 'static,
{
    let (mut under_way, mut done) = (JoinSet::new(), Vec::with_capacity(count));
    for place in 0..count {
        if under_way.len() >= AT_ONCE
            && let Some(ended) = under_way.join_next().await
        {
            done.push(ended??);
        }
        under_way.spawn(begin(place));
    }
    while let Some(ended) = under_way.join_next().await {
        done.push(ended??);
    }
    Ok(done)
}

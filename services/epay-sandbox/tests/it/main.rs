//! The sandbox as a whole: HTTP in, books in PostgreSQL, signed notices out.

#[cfg(test)]
mod arrivals;
#[cfg(test)]
mod binary;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod flow;
#[cfg(test)]
mod frame;
#[cfg(test)]
mod messages;
#[cfg(test)]
mod opening;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod payouts;
#[cfg(test)]
mod pps;
#[cfg(test)]
mod refusals;
#[cfg(test)]
mod statements;
#[cfg(test)]
mod support;

//! Load scenarios: open-loop arrivals, latency from the intended send time, and an audit afterwards.

//! The FPS rail: common QR out, camt.054 credit notices in; a pure codec.

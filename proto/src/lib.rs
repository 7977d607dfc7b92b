//! The .proto files and the types generated from them; nothing else.

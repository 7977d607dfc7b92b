//! The only door: gRPC, gRPC-Web, JSON over HTTP and rail notices on one port; authentication and limits.

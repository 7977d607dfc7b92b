//! EMV merchant-presented QR codes and the Hong Kong common QR profile: build, parse, validate, render.

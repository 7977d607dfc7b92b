//! Double entry: accounts, journals, postings, recipes, reversal, balances; no IO.

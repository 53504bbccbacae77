"""What administrators do with accounts: the rules that protect them, apart from the pages that show them."""

"""From what is known of a case to what its page shows: no writes, no queries beyond the dossier."""

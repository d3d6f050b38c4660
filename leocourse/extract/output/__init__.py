"""From rows to the files of an extract."""

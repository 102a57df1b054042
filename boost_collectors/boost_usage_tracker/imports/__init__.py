"""Files that repair or complete what is stored: repositories, their files, usages, accounts."""

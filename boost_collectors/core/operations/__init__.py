"""Operations on things outside the database that several sources need."""

-- min_coordinator: 5
--
-- What a task's rows cost to write. An id is another's in its first bytes and an org seldom is: with the
-- id first, an index compares one column instead of two, one at a fixed place, and new entries go to its
-- end. (task keeps its order: lists and rounds go through an org.)
ALTER TABLE task_spec DROP CONSTRAINT task_spec_pkey, ADD PRIMARY KEY (task_id, org);
ALTER TABLE task_result DROP CONSTRAINT task_result_pkey, ADD PRIMARY KEY (task_id, epoch, org);
ALTER TABLE task_event DROP CONSTRAINT task_event_pkey, ADD PRIMARY KEY (task_id, seq, org);
ALTER TABLE request_id DROP CONSTRAINT request_id_pkey, ADD PRIMARY KEY (request_id, org);

-- Null: 3 attempts, the second after 1 s, then twice as long each time and at most 5 min. Most tasks go by that.
ALTER TABLE task_spec ALTER retry DROP NOT NULL;

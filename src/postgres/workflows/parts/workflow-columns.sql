  w.org, w.id, s.name, s.labels, s.submitter_subject_id, w.state, w.end_state, w.reason, w.version, w.seq, w.run,
  w.context_version, w.create_time, w.finish_time, w.deadline

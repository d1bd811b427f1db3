      -- As this statement read all else: a row that has changed since, a submission that waits for it
      -- counts or its spec was updated, is left for the next try like one that is locked.
      AND task.xmin = (SELECT seen.xmin FROM task AS seen WHERE seen.org = i.org AND seen.id = i.id)

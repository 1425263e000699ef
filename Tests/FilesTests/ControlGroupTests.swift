import Processes
import Testing

/// What containers and batch systems grant, from the files of both versions.
@Suite struct ControlGroupTests {
  @Test func theTightestQuotaOfTheGroupsAboveCounts() {
    let groups = ControlGroups("0::/slurm/job_7/step_0\n")
    let files = [
      "/sys/fs/cgroup/slurm/job_7/cpu.max": "150000 100000\n",
      "/sys/fs/cgroup/slurm/cpu.max": "max 100000\n", "/sys/fs/cgroup/cpu.max": "400000 100000\n",
      "/sys/fs/cgroup/slurm/job_7/step_0/memory.max": "max\n",
      "/sys/fs/cgroup/slurm/job_7/memory.max": "2147483648\n",
    ]
    #expect(groups.cores { files[$0] } == 1.5)
    #expect(groups.memory { files[$0] } == 2_147_483_648)
    #expect(groups.cores { _ in nil } == nil && groups.memory { _ in "max" } == nil)
  }

  @Test func versionOneHasAFolderForEachController() {
    let groups = ControlGroups("4:cpu,cpuacct:/docker/a\n7:memory:/docker/a\n1:name=systemd:/\n")
    let files = [
      "/sys/fs/cgroup/cpu/docker/a/cpu.cfs_quota_us": "-1\n",
      "/sys/fs/cgroup/cpu/docker/cpu.cfs_quota_us": "50000\n",
      "/sys/fs/cgroup/cpu/docker/cpu.cfs_period_us": "100000\n",
      "/sys/fs/cgroup/memory/docker/a/memory.limit_in_bytes": "9223372036854771712\n",
      "/sys/fs/cgroup/memory/docker/memory.limit_in_bytes": "1000000\n",
    ]
    #expect(groups.cores { files[$0] } == 0.5)
    #expect(groups.memory { files[$0] } == 1_000_000)
  }

  @Test func aSystemWithoutGroupsGrantsAll() {
    #expect(ControlGroups("").cores() == nil && ControlGroups("nonsense\n").memory() == nil)
  }
}

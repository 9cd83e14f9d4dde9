class Relwatch < Formula
  desc "@DESCRIPTION@"
  homepage "@REPOSITORY@"
  version "@VERSION@"
  license any_of: ["MIT", "Apache-2.0"]

  on_macos do
    on_arm do
      url "@REPOSITORY@/releases/download/v@VERSION@/@ARCHIVE aarch64-apple-darwin@"
      sha256 "@SHA256 aarch64-apple-darwin@"
    end
    on_intel do
      url "@REPOSITORY@/releases/download/v@VERSION@/@ARCHIVE x86_64-apple-darwin@"
      sha256 "@SHA256 x86_64-apple-darwin@"
    end
  end

  on_linux do
    on_arm do
      url "@REPOSITORY@/releases/download/v@VERSION@/@ARCHIVE aarch64-unknown-linux-musl@"
      sha256 "@SHA256 aarch64-unknown-linux-musl@"
    end
    on_intel do
      url "@REPOSITORY@/releases/download/v@VERSION@/@ARCHIVE x86_64-unknown-linux-musl@"
      sha256 "@SHA256 x86_64-unknown-linux-musl@"
    end
  end

  def install
    bin.install "relwatch"
    man1.install Dir["man/*.1"]
    bash_completion.install "completions/relwatch.bash" => "relwatch"
    zsh_completion.install "completions/_relwatch"
    fish_completion.install "completions/relwatch.fish"
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/relwatch --version")
    system "git", "init", "-q", "."
    (testpath/"CHANGELOG.md").write "# Changelog\n\n## [Unreleased]\n"
    system bin/"relwatch", "init"
  end
end

interface FileNameProps {
  name: string;
  href?: string;
  title?: string;
}

/** A file's name with its folders in a lighter ink. */
export function FileName({ name, href, title }: FileNameProps) {
  const cut = name.lastIndexOf("/") + 1;
  const words = (
    <>
      {cut > 0 && <span className="folder">{name.slice(0, cut)}</span>}
      {name.slice(cut)}
    </>
  );
  return href === undefined ? (
    <span className="file-name">{words}</span>
  ) : (
    <a className="file-name" href={href} title={title} target="_blank" rel="noreferrer">
      {words}
    </a>
  );
}
